// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/** Decides from the topics alone whether a pipeline did what it had to. It reads nothing from Kafka
 *  itself, so that a self-test can hand it topics that were tampered with. */
final class Witness {
  private static final int SENTENCES_MAX = 20;
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

  /** All that the witness looks at. `deadLetters` is null where they are discarded; `committed` is
   *  null where nobody asks about it; `clock` is null where the wall clock was used. */
  record Evidence(List<ConsumerRecord<byte[], byte[]>> input,
      List<ConsumerRecord<byte[], byte[]>> output,
      List<ConsumerRecord<byte[], byte[]>> deadLetters, int outputPartitions,
      int deadLetterPartitions, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends,
      Map<TopicPartition, Long> committed, String pipeline, String tombstones,
      boolean rejectDuplicates, Instant clock, List<JsonNode> reports) {}

  /** An input record and what became of it. */
  private static final class Due {
    final ConsumerRecord<byte[], byte[]> input;
    final Rules.Expected expected;
    boolean seen;
    Due same;  // the next record that must look the same

    Due(ConsumerRecord<byte[], byte[]> input, Rules.Expected expected) {
      this.input = input;
      this.expected = expected;
    }
  }

  /** From an input partition to an output partition: along it order is kept, and the bytes are the
   *  same in every run with the same clock. */
  private record Path(TopicPartition from, String topic, int to) {
    @Override
    public String toString() {
      return from + ">" + topic + "-" + to;
    }
  }

  private final ObjectMapper mapper = new ObjectMapper();
  private final Evidence evidence;
  private final List<String> violations = new ArrayList<>();
  private long violationCount;
  private final Map<String, Due> good = new HashMap<>();
  private final Map<String, Due> lastGood = new HashMap<>();
  private final Map<String, Due> bad = new HashMap<>();
  private final List<Due> all = new ArrayList<>();
  private final Map<String, Long> byRule = new TreeMap<>();
  private final Insights insights = new Insights();
  private long emitted;
  private long filtered;
  private long duplicates;
  private final Map<String, Long> checksums = new TreeMap<>();

  private Witness(Evidence evidence) {
    this.evidence = evidence;
  }

  /** {"violations": n, "sentences": [...], "totals": {...}, "dead_letters": {...}, ...} */
  static ObjectNode examine(Evidence evidence) {
    Witness witness = new Witness(evidence);
    witness.expect();
    witness.examineOutput();
    if (evidence.deadLetters() != null) witness.examineDeadLetters();
    witness.examineMissing();
    if (evidence.committed() != null) witness.examineCommitted();
    ObjectNode own = witness.result();
    evidence.reports().forEach(report -> witness.compare(own, report));
    own.put("violations", witness.violationCount);
    var sentences = own.putArray("sentences");
    witness.violations.forEach(sentences::add);
    return own;
  }

  private void violation(String format, Object... arguments) {
    ++violationCount;
    if (violations.size() < SENTENCES_MAX) violations.add(String.format(format, arguments));
  }

  private static String place(ConsumerRecord<?, ?> record) {
    return record.topic() + "[" + record.partition() + "]@" + record.offset();
  }

  private static String place(String topic, String partition, String offset) {
    return topic + "[" + partition + "]@" + offset;
  }

  private void expect() {
    Rules rules = new Rules(evidence.tombstones(), evidence.rejectDuplicates());
    for (var record : evidence.input()) {
      Due due = new Due(record, rules.of(record.value()));
      all.add(due);
      switch (due.expected.outcome()) {
        case FILTERED -> ++filtered;
        case DEAD_LETTERED -> {
          byRule.merge(due.expected.rule(), 1L, Long::sum);
          bad.put(place(record), due);
        }
        case EMITTED -> {
          ++emitted;
          insights.count(due.expected.members());
          String form = record.value() == null ? tombstone(record) : due.expected.form();
          Due last = lastGood.put(form, due);
          if (last == null) good.put(form, due);
          else last.same = due;
        }
      }
    }
    lastGood.clear();
  }

  private static String tombstone(ConsumerRecord<byte[], byte[]> record) {
    return "tombstone " + show(record.key());
  }

  private static String show(byte[] bytes) {
    return bytes == null ? "null" : Base64.getEncoder().encodeToString(bytes);
  }

  private void examineOutput() {
    Map<Path, ConsumerRecord<?, ?>> last = new HashMap<>();
    for (var record : evidence.output()) {
      List<String> times = new ArrayList<>();
      String form = record.value() == null ? tombstone(record)
                                           : Rules.withoutNow(record.value(), times);
      Due due = form == null ? null : good.get(form);
      if (due == null) {
        violation("%s holds a record that no good input record explains.", place(record));
        continue;
      }
      while (due.seen && due.same != null) due = due.same;
      if (due.seen) ++duplicates;
      else inOrder(last, due, record, "output");
      due.seen = true;
      times.forEach(time -> examineTime(record, time));
      byte[] key = due.input.value() == null ? due.input.key()
          : due.expected.members().get("user_id").text().getBytes(StandardCharsets.UTF_8);
      examineKey(record, due.input, key, placeByKey(key, due.input, evidence.outputPartitions()));
      if (!headers(record).equals(headers(due.input))) {
        violation("%s does not have the headers of %s.", place(record), place(due.input));
      }
    }
  }

  private void inOrder(Map<Path, ConsumerRecord<?, ?>> last, Due due,
      ConsumerRecord<byte[], byte[]> at, String topic) {
    TopicPartition from = new TopicPartition(due.input.topic(), due.input.partition());
    Path path = new Path(from, topic, at.partition());
    ConsumerRecord<?, ?> before = last.put(path, due.input);
    long sum = Arrays.hashCode(at.key()) * 31L + Arrays.hashCode(at.value());
    for (Header header : at.headers()) {
      sum = sum * 31 + header.key().hashCode() + Arrays.hashCode(header.value());
    }
    checksums.merge(path.toString(), sum, (old, more) -> old * 1_000_003L + more);
    if (before != null && before.offset() > due.input.offset()) {
      violation("%s is out of order: %s comes after %s.", place(at), place(due.input),
          place(before));
    }
  }

  private void examineTime(ConsumerRecord<?, ?> record, String time) {
    try {
      Instant now = Instant.parse(time);
      boolean fits = evidence.clock() != null ? now.equals(evidence.clock())
          : now.isAfter(EARLIEST) && now.isBefore(Instant.now().plusSeconds(60));
      if (fits) return;
    } catch (DateTimeException e) {
      // said below
    }
    violation("%s was processed at '%s', which cannot be.", place(record), time);
  }

  /** The partition of an output: as Kafka's own partitioner has it; without a key the input's. */
  private static int placeByKey(byte[] key, ConsumerRecord<?, ?> input, int partitions) {
    return key == null ? input.partition() % partitions
                       : Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  private void examineKey(ConsumerRecord<byte[], byte[]> record, ConsumerRecord<?, ?> input,
      byte[] key, int partition) {
    if (!Arrays.equals(key, record.key())) {
      violation("%s has not the key that %s demands.", place(record), place(input));
    }
    if (partition != record.partition()) {
      violation("%s should stand in partition %d.", place(record), partition);
    }
  }

  private void examineDeadLetters() {
    Map<Path, ConsumerRecord<?, ?>> last = new HashMap<>();
    for (var letter : evidence.deadLetters()) {
      String from = place(header(letter, "topic"), header(letter, "partition"),
          header(letter, "offset"));
      Due due = bad.get(from);
      if (due == null) {
        violation("%s says it came from %s, where no bad record is.", place(letter), from);
        continue;
      }
      if (due.seen) ++duplicates;
      else inOrder(last, due, letter, "dead letters");
      due.seen = true;
      examineDeadLetter(letter, due);
    }
  }

  private void examineDeadLetter(ConsumerRecord<byte[], byte[]> letter, Due due) {
    // Whatever its key: the partition that its record came from.
    examineKey(letter, due.input, due.input.key(),
        due.input.partition() % evidence.deadLetterPartitions());
    String truncated = header(letter, "truncated");
    byte[] value = due.input.value();
    if (truncated != null) {
      boolean fits = truncated.equals(String.valueOf(value.length))
          && letter.value().length < value.length
          && Arrays.equals(letter.value(), Arrays.copyOf(value, letter.value().length));
      if (!fits) violation("%s is not the beginning of %s.", place(letter), place(due.input));
    } else if (!Arrays.equals(letter.value(), value)) {
      violation("%s is not byte for byte %s.", place(letter), place(due.input));
    }
    expectHeader(letter, "reason", due.expected.rule());
    expectHeader(letter, "timestamp", String.valueOf(due.input.timestamp()));
    expectHeader(letter, "pipeline", evidence.pipeline());
    String text = header(letter, "reason_text");
    if (text == null || text.isEmpty()) violation("%s gives no reason in words.", place(letter));
    String rule = due.expected.rule();
    boolean ofSchema = rule.startsWith("schema:");
    if (ofSchema) expectHeader(letter, "rule_pointer", rule.substring("schema:".length()));
    if (header(letter, "value_pointer") == null) {
      violation("%s does not say where the value stands.", place(letter));
    }
    int own = 8 + (ofSchema ? 1 : 0) + (truncated == null ? 0 : 1);
    List<String> headers = headers(letter);
    List<String> kept = headers.subList(0, Math.max(0, headers.size() - own));
    if (!kept.equals(headers(due.input))) {
      violation("%s has not kept the headers of %s.", place(letter), place(due.input));
    }
  }

  private void expectHeader(ConsumerRecord<?, ?> letter, String name, String value) {
    if (!value.equals(header(letter, name))) {
      violation("%s: millrace.%s is '%s' and should be '%s'.", place(letter), name,
          header(letter, name), value);
    }
  }

  private static String header(ConsumerRecord<?, ?> letter, String name) {
    Header header = letter.headers().lastHeader("millrace." + name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static List<String> headers(ConsumerRecord<?, ?> record) {
    List<String> list = new ArrayList<>();
    for (Header header : record.headers()) list.add(header.key() + "=" + show(header.value()));
    return list;
  }

  private void examineMissing() {
    for (Due due : all) {
      boolean emits = due.expected.outcome() == Rules.Outcome.EMITTED;
      boolean letters = due.expected.outcome() == Rules.Outcome.DEAD_LETTERED
          && evidence.deadLetters() != null;
      if (due.seen || !(emits || letters)) continue;
      violation("%s is missing: it is on no %s.", place(due.input),
          emits ? "output topic" : "dead-letter topic although " + due.expected.rule());
    }
  }

  private void examineCommitted() {
    evidence.ends().forEach((partition, end) -> {
      Long committed = evidence.committed().get(partition);
      if (committed == null && end.equals(evidence.begins().get(partition))) return;
      if (!end.equals(committed)) {
        violation("The group committed %s of %s, whose end is %d.", committed, partition, end);
      }
    });
  }

  private ObjectNode result() {
    ObjectNode own = mapper.createObjectNode();
    long bad = all.size() - emitted - filtered;
    own.putObject("totals").put("consumed", all.size()).put("emitted", emitted)
        .put("filtered", filtered).put("dead_lettered", bad)
        .put("copies", 0).put("exploded", 0).put("pieces", 0)
        .put("dead_letters_discarded", evidence.deadLetters() == null ? bad : 0);
    ObjectNode rules = own.putObject("dead_letters");
    byRule.forEach((rule, count) -> rules.put(rule, count));
    own.set("insights", insights.json(mapper));
    own.put("duplicates", duplicates);
    ObjectNode paths = own.putObject("checksums");
    checksums.forEach((path, sum) -> paths.put(path, sum));
    return own;
  }

  /** A report that covers all of the input must say what the witness found. */
  private void compare(ObjectNode own, JsonNode report) {
    for (String member : List.of("totals", "dead_letters", "insights")) {
      JsonNode mine = own.get(member);
      JsonNode theirs = report.get(member);
      if (theirs == null || !mine.toString().equals(theirs.toString())) {
        violation("The report's '%s' are %s, and should be %s.", member, cut(theirs), cut(mine));
      }
    }
    if (!report.path("identity").path("holds").asBoolean(false)) {
      violation("The report's identity does not hold: %s", report.path("identity"));
    }
  }

  private static String cut(JsonNode node) {
    String text = String.valueOf(node);
    return text.length() <= 2000 ? text : text.substring(0, 2000) + "…";
  }
}
