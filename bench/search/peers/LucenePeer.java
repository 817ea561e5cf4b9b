// Peer: Lucene over all messages, one segment. Words are runs of letters and digits in lower case, as everywhere in the comparison.
//
//   java -cp … LucenePeer build ROWS STORE
//   java -cp … LucenePeer ask STORE PLAN DISCARDED PASSES SNIPPETS(0|1) EXACT(0|1)
//
// Prints one JSON object. EXACT 0 lets Lucene stop counting, as it does by default, and skip blocks that cannot be in the top 20.
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

public final class LucenePeer {
  private static final int ROWS_READ = 20;
  private static final int COUNT_THRESHOLD = 1_000;  // Lucene's own default
  private static final int LONG_WORD = 9;            // from here two typos, as in our language
  private static final String CONTENT = "content";
  private static final String PROJECT = "project";
  private static final String TIME = "time";

  private LucenePeer() {}

  private static final class WordAnalyzer extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
      return new TokenStreamComponents(words, new LowerCaseFilter(words));
    }
  }

  // ------------------------------------------------------------------------------------------------------------- building

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  private static Document documentOf(DataInputStream in) throws IOException {
    Document document = new Document();
    document.add(new LongPoint(TIME, in.readLong()));
    document.add(new StringField(PROJECT, readText(in), Field.Store.NO));
    document.add(new TextField(CONTENT, readText(in), Field.Store.YES));
    return document;
  }

  private static void build(Path rows, Path store) throws IOException {
    long start = System.nanoTime();
    long count = 0;
    IndexWriterConfig config = new IndexWriterConfig(new WordAnalyzer()).setOpenMode(IndexWriterConfig.OpenMode.CREATE).setRAMBufferSizeMB(256);
    try (IndexWriter writer = new IndexWriter(new MMapDirectory(store), config);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(rows), 1 << 20))) {
      while (true) {
        try {
          in.readLong();  // the message's id
        } catch (EOFException end) {
          break;
        }
        writer.addDocument(documentOf(in));
        ++count;
      }
      writer.forceMerge(1);
      writer.commit();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.println("{\"version\":\"" + version() + "\",\"rows\":" + count + ",\"seconds\":" + seconds + ",\"store_bytes\":" + bytesOf(store) + "}");
  }

  private static long bytesOf(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static String version() {
    return "Lucene " + Version.LATEST + ", Java " + System.getProperty("java.version");
  }

  // --------------------------------------------------------------------------------------------------------------- asking

  private static final class Question {
    final long id;
    final Query query;
    final List<Double> milliseconds = new ArrayList<>();
    long hits;

    Question(String line) {
      String[] fields = line.split("\t", -1);
      id = Long.parseLong(fields[0]);
      query = queryOf(fields);
    }
  }

  private static String[] wordsOf(String field) {
    return field.isEmpty() ? new String[0] : field.split(" ");
  }

  private static Query term(String word) {
    return new TermQuery(new Term(CONTENT, word));
  }

  // fields: id, all, any, phrase, none, prefix, typo, project, from_ms, until_ms
  private static Query queryOf(String[] fields) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String word : wordsOf(fields[1])) query.add(term(word), Occur.MUST);
    if (!fields[2].isEmpty()) query.add(anyOf(wordsOf(fields[2])), Occur.MUST);
    if (!fields[3].isEmpty()) query.add(new PhraseQuery(CONTENT, wordsOf(fields[3])), Occur.MUST);
    for (String word : wordsOf(fields[4])) query.add(term(word), Occur.MUST_NOT);
    if (!fields[5].isEmpty()) query.add(new PrefixQuery(new Term(CONTENT, fields[5])), Occur.MUST);
    if (!fields[6].isEmpty()) query.add(new FuzzyQuery(new Term(CONTENT, fields[6]), fields[6].length() < LONG_WORD ? 1 : 2, 1), Occur.MUST);
    if (!fields[7].isEmpty()) query.add(new TermQuery(new Term(PROJECT, fields[7])), Occur.FILTER);
    if (!fields[8].isEmpty()) query.add(LongPoint.newRangeQuery(TIME, Long.parseLong(fields[8]), Long.parseLong(fields[9]) - 1), Occur.FILTER);
    return query.build();
  }

  private static Query anyOf(String[] words) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String word : words) query.add(term(word), Occur.SHOULD);
    return query.build();
  }

  private static final class Asker {
    final IndexSearcher searcher;
    final UnifiedHighlighter highlighter;
    final boolean snippets;
    final boolean exact;
    long bytesRead;

    Asker(Path store, boolean snippets, boolean exact) throws IOException {
      searcher = new IndexSearcher(DirectoryReader.open(new MMapDirectory(store)));
      highlighter = new UnifiedHighlighter(searcher, new WordAnalyzer());
      this.snippets = snippets;
      this.exact = exact;
    }

    long ask(Query query) throws IOException {
      TopScoreDocCollector collector = TopScoreDocCollector.create(ROWS_READ, exact ? Integer.MAX_VALUE : COUNT_THRESHOLD);
      searcher.search(query, collector);
      TopDocs top = collector.topDocs();
      if (snippets && top.scoreDocs.length > 0) {
        for (String snippet : highlighter.highlight(CONTENT, query, top)) bytesRead += snippet == null ? 0 : snippet.length();
      }
      return top.totalHits.value;
    }
  }

  private static List<Question> readPlan(Path plan) throws IOException {
    List<Question> questions = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(plan)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) questions.add(new Question(line));
    }
    return questions;
  }

  private static void ask(Asker asker, Path plan, int discarded, int passes) throws IOException {
    List<Question> questions = readPlan(plan);
    List<Question> order = new ArrayList<>(questions);
    Random random = new Random(1);
    for (int pass = -discarded; pass < passes; ++pass) {
      Collections.shuffle(order, random);
      for (Question question : order) {
        long start = System.nanoTime();
        question.hits = asker.ask(question.query);
        if (pass >= 0) question.milliseconds.add((System.nanoTime() - start) / 1e6);
      }
    }
    print(questions);
  }

  private static void print(List<Question> questions) {
    StringBuilder out = new StringBuilder("{\"version\":\"" + version() + "\",\"answers\":[");
    String separator = "";
    for (Question question : questions) {
      out.append(separator).append("{\"id\":").append(question.id).append(",\"messages\":").append(question.hits);
      out.append(",\"ms\":").append(question.milliseconds).append('}');
      separator = ",";
    }
    System.out.println(out.append("]}"));
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments[0].equals("build")) {
      build(Path.of(arguments[1]), Path.of(arguments[2]));
    } else {
      Asker asker = new Asker(Path.of(arguments[1]), arguments[5].equals("1"), arguments[6].equals("1"));
      ask(asker, Path.of(arguments[2]), Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    }
  }
}
