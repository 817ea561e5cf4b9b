/* A small memory: 4 prompts of two projects and 3 debug lines of the first session. Two of the prompts have the same text and time. */
#ifndef CMEM_TEST_FIXTURE_H
#define CMEM_TEST_FIXTURE_H

#define FIXTURE_SHOP_SESSION "0a1b2c3d-1111-4222-8333-444455556666"
#define FIXTURE_BLOG_SESSION "9f8e7d6c-aaaa-4bbb-8ccc-ddddeeeeffff"

#define FIXTURE_PHASE1 \
  "{\"content\": \"fix the login page\", \"source\": \"history.jsonl:line-1\", \"timestamp\": 1763200000000, \"session_id\": \"0a1b2c3d-1111-4222-8333-444455556666\", \"project\": \"/home/ann/shop\", \"source_type\": \"history\", \"hash\": \"11a102aa3604dab860e69e45b3b144ea8d378f6fb3c1f6de3b13770e68a2ac08\"}\n" \
  "{\"content\": \"pwd\", \"source\": \"history.jsonl:line-2\", \"timestamp\": 1763200001000, \"session_id\": \"0a1b2c3d-1111-4222-8333-444455556666\", \"project\": \"/home/ann/shop\", \"source_type\": \"history\", \"hash\": \"a1159e9df3670d549d04524532629f5477ceb7deec9b45e47e8c009506ecb2c8\"}\n" \
  "{\"content\": \"pwd\", \"source\": \"history.jsonl:line-3\", \"timestamp\": 1763200001000, \"session_id\": \"0a1b2c3d-1111-4222-8333-444455556666\", \"project\": \"/home/ann/shop\", \"source_type\": \"history\", \"hash\": \"a1159e9df3670d549d04524532629f5477ceb7deec9b45e47e8c009506ecb2c8\"}\n" \
  "{\"content\": \"write the blog post about the login page\", \"source\": \"history.jsonl:line-4\", \"timestamp\": 1763286400000, \"session_id\": \"9f8e7d6c-aaaa-4bbb-8ccc-ddddeeeeffff\", \"project\": \"/home/ann/blog\", \"source_type\": \"history\", \"hash\": \"aeace38d96be1f0a5c2958c8fcf5034b8fdecee910e578d5a86533c9b3900066\"}\n"

#define FIXTURE_PHASE2 \
  "{\"content\": \"2025-11-15T09:46:41.250Z [DEBUG] [LSP MANAGER] initializeLspServerManager() called\", \"source\": \"debug/0a1b2c3d-1111-4222-8333-444455556666.txt:line-1\", \"file\": \"0a1b2c3d-1111-4222-8333-444455556666.txt\", \"timestamp\": 1763790428000, \"source_type\": \"debug\", \"hash\": \"9b663b8e75939da6e47f4025e159c35d8dfeecbe42ae6f240578f57661b57777\"}\n" \
  "{\"content\": \"2025-11-15T09:46:42.500Z [ERROR] Error: the request took 31 ms and failed\", \"source\": \"debug/0a1b2c3d-1111-4222-8333-444455556666.txt:line-2\", \"file\": \"0a1b2c3d-1111-4222-8333-444455556666.txt\", \"timestamp\": 1763790428000, \"source_type\": \"debug\", \"hash\": \"9cfb5efb876e0350d2ae0be0bdd9d1db4b8f4579a7c64da7dc5a6c461f8572ad\"}\n" \
  "{\"content\": \"2025-11-15T09:46:43.000Z [DEBUG] Hooks: Found 0 total hooks in registry\", \"source\": \"debug/0a1b2c3d-1111-4222-8333-444455556666.txt:line-3\", \"file\": \"0a1b2c3d-1111-4222-8333-444455556666.txt\", \"timestamp\": 1763790428000, \"source_type\": \"debug\", \"hash\": \"3f77ba593c9b2536b300bbce4032b01a88eb6561683aacc97bbc0737bedbdd1d\"}\n"

#define FIXTURE_PROMPTS 4
#define FIXTURE_DEBUG_LINES 3
#define FIXTURE_MESSAGES (FIXTURE_PROMPTS + FIXTURE_DEBUG_LINES)
#define FIXTURE_TEXTS (FIXTURE_MESSAGES - 1)
#define FIXTURE_FIRST_MS INT64_C(1763200000000)
#define FIXTURE_LAST_MS INT64_C(1763286400000)

#endif
