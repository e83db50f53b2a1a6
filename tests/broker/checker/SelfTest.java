// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Shows that the witness finds what is wrong: takes evidence of a run without fault, tampers with
 *  one thing at a time, and demands the sentence that names it. */
final class SelfTest {
  private static final class Records extends ArrayList<ConsumerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1;

    Records(List<ConsumerRecord<byte[], byte[]>> from) {
      super(from);
    }
  }

  private final Witness.Evidence honest;
  private final ObjectMapper mapper;
  private final List<String> failures = new ArrayList<>();
  private int trials;

  private SelfTest(Witness.Evidence honest, ObjectMapper mapper) {
    this.honest = honest;
    this.mapper = mapper;
  }

  static ObjectNode run(Witness.Evidence honest, ObjectMapper mapper) {
    SelfTest test = new SelfTest(honest, mapper);
    test.outputs();
    test.deadLetters();
    test.offsetsAndReports();
    ObjectNode result = mapper.createObjectNode().put("violations", test.failures.size())
        .put("trials", test.trials);
    var sentences = result.putArray("sentences");
    test.failures.forEach(sentences::add);
    return result;
  }

  private void demand(String what, String sentence, Witness.Evidence evidence) {
    ++trials;
    ObjectNode found = Witness.examine(evidence);
    if (sentence == null ? found.get("violations").asLong() == 0
                         : found.get("sentences").toString().contains(sentence)) {
      return;
    }
    failures.add(what + ": the witness did not say '" + sentence + "' but "
        + found.get("sentences"));
  }

  private void output(String what, String sentence, UnaryOperator<Records> tamper) {
    demand(what, sentence, new Witness.Evidence(honest.input(),
        tamper.apply(new Records(honest.output())), honest.deadLetters(),
        honest.outputPartitions(), honest.deadLetterPartitions(), honest.begins(), honest.ends(),
        honest.committed(), honest.pipeline(), honest.tombstones(), honest.rejectDuplicates(),
        honest.clock(), honest.reports()));
  }

  private void deadLetter(String what, String sentence, UnaryOperator<Records> tamper) {
    demand(what, sentence, new Witness.Evidence(honest.input(), honest.output(),
        tamper.apply(new Records(honest.deadLetters())), honest.outputPartitions(),
        honest.deadLetterPartitions(), honest.begins(), honest.ends(), honest.committed(),
        honest.pipeline(), honest.tombstones(), honest.rejectDuplicates(), honest.clock(),
        honest.reports()));
  }

  private static UnaryOperator<Records> change(
      int at, UnaryOperator<ConsumerRecord<byte[], byte[]>> change) {
    return records -> {
      records.set(at, change.apply(records.get(at)));
      return records;
    };
  }

  private static ConsumerRecord<byte[], byte[]> with(ConsumerRecord<byte[], byte[]> record,
      int partition, byte[] key, byte[] value, Headers headers) {
    return new ConsumerRecord<>(record.topic(), partition, record.offset(), record.timestamp(),
        TimestampType.CREATE_TIME, -1, -1, key, value, headers, Optional.empty());
  }

  private static UnaryOperator<Records> edit(int at, String from, String to) {
    return change(at, record -> {
      String text = new String(record.value(), StandardCharsets.ISO_8859_1);
      String edited = text.replaceFirst(from, to);
      if (edited.equals(text)) throw new IllegalStateException("nothing to edit: " + from);
      return with(record, record.partition(), record.key(),
          edited.getBytes(StandardCharsets.ISO_8859_1), record.headers());
    });
  }

  private static UnaryOperator<Records> header(String name, String value) {
    return change(3, record -> {
      Headers headers = new RecordHeaders();
      record.headers().forEach(header -> headers.add(header.key(),
          header.key().equals(name) ? value.getBytes(StandardCharsets.UTF_8) : header.value()));
      return with(record, record.partition(), record.key(), record.value(), headers);
    });
  }

  private static Records swapped(Records records, int at) {
    var first = records.get(at);
    records.set(at, records.get(at + 1));
    records.set(at + 1, first);
    return records;
  }

  private void outputs() {
    output("nothing changed", null, records -> records);
    output("a record missing", "is missing: it is on no output topic", records -> {
      records.remove(5);
      return records;
    });
    output("a record twice is not a fault", null, records -> {
      records.add(6, records.get(5));
      return records;
    });
    output("two records of one partition swapped", "is out of order", records -> {
      for (int i = 0; i < 40; i += 2) swapped(records, i);
      return records;
    });
    output("a device type in capitals", "no good input record explains",
        edit(7, "\"device_type\":\"(.)", "\"device_type\":\"X"));
    output("a member renamed back", "no good input record explains",
        edit(8, "\"created_at\"", "\"timestamp\""));
    output("a member too many", "no good input record explains", edit(9, "\\{", "{\"x\":1,"));
    output("an impossible time of processing", "which cannot be",
        edit(10, "\"processed_at\":\"[^\"]*", "\"processed_at\":\"1999-01-01T00:00:00Z"));
    output("not JSON", "no good input record explains", edit(11, "\\}$", ""));
    output("a key changed", "has not the key", change(12, record -> with(record,
        record.partition(), "someone".getBytes(StandardCharsets.UTF_8), record.value(),
        record.headers())));
    output("a wrong partition", "should stand in partition", change(13, record -> with(record,
        record.partition() + 1, record.key(), record.value(), record.headers())));
    output("a header added", "does not have the headers", change(14, record -> with(record,
        record.partition(), record.key(), record.value(),
        new RecordHeaders().add("x", new byte[0]))));
    output("a dead letter among the good", "no good input record explains", records -> {
      records.add(honest.deadLetters().get(0));
      return records;
    });
    output("a filtered record among the good", "no good input record explains", records -> {
      Rules rules = new Rules("dead_letter", false);
      records.add(honest.input().stream()
          .filter(record -> rules.of(record.value()).outcome() == Rules.Outcome.FILTERED)
          .findFirst().orElseThrow());
      return records;
    });
  }

  private void deadLetters() {
    deadLetter("a dead letter missing", "is missing: it is on no dead-letter topic", records -> {
      records.remove(2);
      return records;
    });
    deadLetter("a wrong offset", "where no bad record is", header("millrace.offset", "999999999"));
    deadLetter("a wrong partition named", "where no bad record is",
        header("millrace.partition", "77"));
    deadLetter("a wrong topic named", "where no bad record is", header("millrace.topic", "other"));
    deadLetter("a wrong reason", "millrace.reason is 'x'", header("millrace.reason", "x"));
    deadLetter("no words", "gives no reason in words", header("millrace.reason_text", ""));
    deadLetter("a wrong time", "millrace.timestamp is '1'", header("millrace.timestamp", "1"));
    deadLetter("a wrong pipeline", "millrace.pipeline is 'y'", header("millrace.pipeline", "y"));
    deadLetter("other bytes", "is not byte for byte", change(4, record -> with(record,
        record.partition(), record.key(), new byte[] {1}, record.headers())));
    deadLetter("another partition", "should stand in partition", change(4, record -> with(record,
        record.partition() + 1, record.key(), record.value(), record.headers())));
    deadLetter("another key", "has not the key", change(4, record -> with(record,
        record.partition(), new byte[] {1}, record.value(), record.headers())));
    deadLetter("a header lost", "has not kept the headers", change(4, record -> {
      Headers headers = new RecordHeaders(record.headers());
      return with(record, record.partition(), record.key(), record.value(),
          headers.add("more", new byte[] {2}));
    }));
  }

  private void offsetsAndReports() {
    Map<TopicPartition, Long> committed = new HashMap<>(honest.committed());
    committed.replaceAll((partition, offset) -> offset - 1);
    demand("offsets one short", "whose end is", new Witness.Evidence(honest.input(),
        honest.output(), honest.deadLetters(), honest.outputPartitions(),
        honest.deadLetterPartitions(), honest.begins(), honest.ends(), committed,
        honest.pipeline(), honest.tombstones(), honest.rejectDuplicates(), honest.clock(),
        honest.reports()));
    for (String member : List.of("totals", "dead_letters", "insights", "identity")) {
      ObjectNode report = honest.reports().get(0).deepCopy();
      report.putObject(member);
      demand("a report with other " + member, member.equals("identity")
          ? "identity does not hold" : "The report's '" + member + "'",
          new Witness.Evidence(honest.input(), honest.output(), honest.deadLetters(),
              honest.outputPartitions(), honest.deadLetterPartitions(), honest.begins(),
              honest.ends(), honest.committed(), honest.pipeline(), honest.tombstones(),
              honest.rejectDuplicates(), honest.clock(), List.of(report)));
    }
  }
}
