// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Says whether a contender did the job: Kafka's own Java client and Jackson, and nothing of any
 *  contender. It works out from the input what must have come out (the plan of job.yaml written a
 *  second time), keeps 16 bytes of each record, and compares every record of every run with that.
 *
 *  Reads one command per line from stdin and answers each with a line of JSON:
 *    {"command": "create", "topics": [{"name", "partitions"}]}
 *    {"command": "delete", "topics": [name]}     with what begins with a name and a dot too
 *    {"command": "input", "topic"}               -> records, good, bad, bytes
 *    {"command": "verify", "kind": "job" | "floor", "input", "output", "dead_letters", "ordered"}
 *      -> output, dead_letters, first_ms, last_ms, violations, sentences
 *  first_ms and last_ms are when the broker appended the first and the last record: all topics are
 *  made with message.timestamp.type=LogAppendTime, which measures every contender alike. */
public final class JobWitness {
  private static final List<String> MEMBERS = List.of("user_id", "app_version", "device_type", "ip",
      "locale", "device_id", "timestamp");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final int SENTENCES = 5;

  /** Numbers of one partition, in order, and what they are together in any order. */
  private static final class Marks {
    long[] marks = new long[1 << 12];
    int count;
    long sum;
    long mixed;

    void add(long mark) {
      if (count == marks.length) marks = Arrays.copyOf(marks, 2 * count);
      marks[count++] = mark;
      sum += mark;
      mixed ^= mark * 0x9E3779B97F4A7C15L;
    }
  }

  /** What must come out, per input partition. */
  private static final class Expected {
    final Map<Integer, Marks> outputs = new HashMap<>();
    final Map<Integer, Marks> dead = new HashMap<>();
    final Map<Integer, Marks> floor = new HashMap<>();
    long bytes;
  }

  private interface Reader {
    void record(ConsumerRecord<byte[], byte[]> record) throws Exception;
  }

  private final ObjectMapper mapper = new ObjectMapper();
  private final String bootstrap;
  private final Map<String, Expected> inputs = new HashMap<>();

  private JobWitness(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  public static void main(String[] arguments) throws Exception {
    var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err);  // what libraries log is no answer
    var witness = new JobWitness(arguments[0]);
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode answer;
      try {
        answer = witness.run(witness.mapper.readTree(line));
      } catch (Exception e) {
        answer = witness.mapper.createObjectNode().put("error", e.toString());
      }
      out.println(answer);
      out.flush();
    }
  }

  private ObjectNode run(JsonNode command) throws Exception {
    switch (command.get("command").asText()) {
      case "create":
        create(command.get("topics"));
        return mapper.createObjectNode();
      case "delete":
        delete(command.get("topics"));
        return mapper.createObjectNode();
      case "input":
        return input(command.get("topic").asText());
      case "verify":
        return verify(command);
      default:
        throw new IllegalArgumentException("no such command: " + command);
    }
  }

  // -------------------------------------------------------------------------------------- topics

  private void create(JsonNode topics) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      List<NewTopic> wanted = new ArrayList<>();
      for (JsonNode topic : topics) {
        wanted.add(new NewTopic(topic.get("name").asText(), topic.get("partitions").asInt(),
            (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime", "retention.ms",
            "-1")));
      }
      admin.createTopics(wanted).all().get();
      for (NewTopic topic : wanted) awaitTopic(admin, topic);
    }
  }

  /** Until every partition answers: the broker may have said yes before it can. What is sent
   *  before is sent again, and without idempotence not always in order. */
  private static void awaitTopic(Admin admin, NewTopic topic) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < topic.numPartitions(); ++partition) {
      ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
    }
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try {
        admin.listOffsets(ends).all().get();
        return;
      } catch (ExecutionException e) {
        if (System.nanoTime() > deadline) throw e;
        Thread.sleep(10);
      }
    }
  }

  private void delete(JsonNode names) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      List<String> doomed = new ArrayList<>();
      for (String topic : admin.listTopics().names().get()) {
        for (JsonNode name : names) {
          if (topic.equals(name.asText()) || topic.startsWith(name.asText() + ".")) {
            doomed.add(topic);
          }
        }
      }
      try {
        admin.deleteTopics(doomed).all().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) throw e;
      }
    }
  }

  /** Until no transaction is open: a commit is answered before its markers are in the partitions,
   *  and till then a read_committed reader does not see the end. One that stays open is seen as
   *  records that are missing. */
  private void awaitMarkers(List<TopicPartition> partitions) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    partitions.forEach(partition -> ends.put(partition, OffsetSpec.latest()));
    long deadline = System.nanoTime() + 60_000_000_000L;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      while (System.nanoTime() < deadline) {
        var all = admin.listOffsets(ends, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
            .all().get();
        var stable = admin.listOffsets(ends, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all().get();
        if (partitions.stream().allMatch(
            partition -> all.get(partition).offset() == stable.get(partition).offset())) {
          return;
        }
        Thread.sleep(20);
      }
    }
  }

  /** All committed records, each partition's in order. */
  private void read(String topic, Reader reader) throws Exception {
    try (var consumer = new KafkaConsumer<byte[], byte[]>(Map.of("bootstrap.servers", bootstrap,
        "isolation.level", "read_committed", "allow.auto.create.topics", "false",
        "max.partition.fetch.bytes", 4 << 20, "max.poll.records", 20_000,
        "auto.offset.reset", "none"),
        new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(
          info -> partitions.add(new TopicPartition(topic, info.partition())));
      awaitMarkers(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) reader.record(record);
      }
    }
  }

  // --------------------------------------------------------------------------------- expectation

  private ObjectNode input(String topic) throws Exception {
    var found = new Expected();
    read(topic, record -> expect(record, found));
    inputs.put(topic, found);
    return mapper.createObjectNode()
        .put("records", count(found.floor)).put("good", count(found.outputs))
        .put("bad", count(found.dead)).put("bytes", found.bytes);
  }

  private void expect(ConsumerRecord<byte[], byte[]> record, Expected into) throws Exception {
    byte[] value = record.value();
    JsonNode parsed = mapper.readTree(value);
    into.bytes += value.length;
    Marks outputs = into.outputs.computeIfAbsent(record.partition(), p -> new Marks());
    Marks dead = into.dead.computeIfAbsent(record.partition(), p -> new Marks());
    into.floor.computeIfAbsent(record.partition(), p -> new Marks())
        .add(markOf(value, value.length - 1));
    if (fits(parsed)) {
      outputs.add(markOfOutput(parsed,
          TIME.format(Instant.ofEpochSecond(parsed.get("timestamp").asLong()))));
    } else {
      dead.add(markOfDeadLetter(parsed));
    }
  }

  private static boolean fits(JsonNode record) {
    for (String name : MEMBERS) {
      JsonNode value = record.get(name);
      if (value == null) return false;
      if (name.equals("timestamp") ? !value.isIntegralNumber() : !value.isTextual()) return false;
    }
    return true;
  }

  private static long markOfOutput(JsonNode record, String createdAt) {
    long mark = 1;
    for (String name : MEMBERS) {
      mark = mix(mark, name.equals("timestamp") ? createdAt : record.path(name).asText());
    }
    return mark;
  }

  private static long markOfDeadLetter(JsonNode record) {
    long mark = 2;
    for (String name : MEMBERS) {
      JsonNode value = record.get(name);
      mark = mix(mark, value == null ? "null" : value.toString());
    }
    return mark;
  }

  private static long mix(long mark, String text) {
    mark = (mark ^ text.hashCode()) * 0xBF58476D1CE4E5B9L;
    return mark ^ (mark >>> 29);
  }

  private static long markOf(byte[] bytes, int length) {
    long mark = length;
    for (int i = 0; i < length; ++i) mark = mark * 1_099_511_628_211L + bytes[i];
    return mark;
  }

  private static long count(Map<Integer, Marks> all) {
    return all.values().stream().mapToLong(marks -> marks.count).sum();
  }

  // -------------------------------------------------------------------------------- verification

  private static final class Found {
    final Map<Integer, Marks> outputs = new HashMap<>();
    final Map<Integer, Marks> dead = new HashMap<>();
    final List<String> sentences = new ArrayList<>();
    long violations;
    long firstMs = Long.MAX_VALUE;
    long lastMs;

    void violation(String sentence) {
      ++violations;
      if (sentences.size() < SENTENCES) sentences.add(sentence);
    }

    void appended(long ms) {
      firstMs = Math.min(firstMs, ms);
      lastMs = Math.max(lastMs, ms);
    }
  }

  private ObjectNode verify(JsonNode command) throws Exception {
    Expected expected = inputs.get(command.get("input").asText());
    var found = new Found();
    boolean floor = command.get("kind").asText().equals("floor");
    read(command.get("output").asText(), record -> {
      found.appended(record.timestamp());
      Marks marks = found.outputs.computeIfAbsent(record.partition(), p -> new Marks());
      if (floor) {
        marks.add(markOf(record.value(), lengthBeforeTail(record.value())));
      } else {
        marks.add(checkedOutput(record, found));
      }
    });
    if (!floor) {
      read(command.get("dead_letters").asText(), record -> {
        found.appended(record.timestamp());
        JsonNode letter = mapper.readTree(record.value());
        if (letter.path("error").asText().isEmpty()) {
          found.violation("a dead letter says no error: " + letter);
        }
        found.dead.computeIfAbsent(record.partition(), p -> new Marks())
            .add(markOfDeadLetter(letter));
      });
      compareTogether("dead letters", expected.dead, found.dead, found);
    }
    var wanted = floor ? expected.floor : expected.outputs;
    compareTogether("outputs", wanted, found.outputs, found);
    if (command.path("ordered").asBoolean()) compareOrder(wanted, found.outputs, found);
    ObjectNode answer = mapper.createObjectNode()
        .put("output", count(found.outputs)).put("dead_letters", count(found.dead))
        .put("first_ms", found.firstMs).put("last_ms", found.lastMs)
        .put("violations", found.violations);
    ArrayNode sentences = answer.putArray("sentences");
    found.sentences.forEach(sentences::add);
    return answer;
  }

  private long checkedOutput(ConsumerRecord<byte[], byte[]> record, Found found)
      throws Exception {
    JsonNode output = mapper.readTree(record.value());
    int timeLength = output.path("processed_at").asText().length();
    if (output.size() != MEMBERS.size() + 1 || timeLength != 19) {
      found.violation("not the members of an output: " + output);
    }
    return markOfOutput(output, output.path("created_at").asText());
  }

  /** The floor's records are the input's, but for what it appends instead of the last brace. */
  private static int lengthBeforeTail(byte[] value) {
    int at = value.length - 1;
    while (at > 0 && value[at] != ',') --at;
    return at;
  }

  private static void compareTogether(String what, Map<Integer, Marks> wanted,
      Map<Integer, Marks> have, Found found) {
    if (count(wanted) != count(have)) {
      found.violation(count(have) + " " + what + " instead of " + count(wanted));
    } else if (sum(wanted, false) != sum(have, false) || sum(wanted, true) != sum(have, true)) {
      found.violation("the " + what + " are not those that the input makes");
    }
  }

  private static long sum(Map<Integer, Marks> all, boolean mixed) {
    long sum = 0;
    for (Marks marks : all.values()) {
      if (mixed) sum ^= marks.mixed;
      else sum += marks.sum;
    }
    return sum;
  }

  private static void compareOrder(Map<Integer, Marks> wanted, Map<Integer, Marks> have,
      Found found) {
    for (var entry : wanted.entrySet()) {
      Marks want = entry.getValue();
      Marks got = have.getOrDefault(entry.getKey(), new Marks());
      int same = Arrays.mismatch(want.marks, 0, want.count, got.marks, 0, got.count);
      if (same >= 0) {
        found.violation("partition " + entry.getKey() + ": output " + same
            + " is not the next one of the input");
      }
    }
  }
}
