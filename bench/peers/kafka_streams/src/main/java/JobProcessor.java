// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Checks a record, and makes the output or the dead letter of it. One for each task. */
final class JobProcessor implements Processor<byte[], byte[], byte[], StreamsJob.Result> {
  static final String OUTPUT = "OUTPUT";
  static final String DEAD_LETTERS = "DEAD_LETTERS";

  private static final List<String> STRINGS =
      List.of("user_id", "app_version", "device_type", "ip", "locale", "device_id");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  /** The text of a second, made once for records that share it. */
  private static final class TimeText {
    private long seconds = Long.MIN_VALUE;
    private String text;

    String of(long wanted) {
      if (wanted != seconds) {
        text = TIME.format(Instant.ofEpochSecond(wanted));
        seconds = wanted;
      }
      return text;
    }
  }

  private final ObjectMapper mapper = new ObjectMapper();
  private final TimeText created = new TimeText();
  private final TimeText processed = new TimeText();
  private final Insights insights;
  private final Map<Integer, Long> ends;
  private final CountDownLatch open;
  private ProcessorContext<byte[], StreamsJob.Result> context;
  private boolean ended;

  JobProcessor(Insights insights, Map<Integer, Long> ends, CountDownLatch open) {
    this.insights = insights;
    this.ends = ends;
    this.open = open;
  }

  @Override
  public void init(ProcessorContext<byte[], StreamsJob.Result> context) {
    this.context = context;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var place = context.recordMetadata().orElseThrow();
    try {
      JsonNode parsed = parse(record.value());
      String error = violation(parsed);
      ObjectNode made = error == null ? output(parsed) : deadLetter(parsed, error);
      context.forward(new Record<>(null, new StreamsJob.Result(mapper.writeValueAsBytes(made),
          place.partition()), record.timestamp()), error == null ? OUTPUT : DEAD_LETTERS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    if (!ended && place.offset() + 1 >= ends.get(place.partition())) {
      ended = true;
      open.countDown();
    }
  }

  private JsonNode parse(byte[] value) {
    try {
      return mapper.readTree(value);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /** What is wrong with it, in the words of jsonschema; null where nothing is. */
  private static String violation(JsonNode record) {
    if (!record.isObject()) return record + " is not of type 'object'";
    for (String name : STRINGS) {
      JsonNode value = record.get(name);
      if (value != null && !value.isTextual()) return value + " is not of type 'string'";
    }
    JsonNode timestamp = record.get("timestamp");
    if (timestamp != null && !timestamp.isIntegralNumber()) {
      return timestamp + " is not of type 'integer'";
    }
    for (String name : STRINGS) {
      if (!record.has(name)) return "'" + name + "' is a required property";
    }
    return timestamp == null ? "'timestamp' is a required property" : null;
  }

  private ObjectNode output(JsonNode record) {
    long timestamp = record.get("timestamp").longValue();
    insights.count(record.get("user_id").textValue(), record.get("app_version").textValue(),
        record.get("device_type").textValue(), timestamp);
    ObjectNode output = mapper.createObjectNode();
    for (String name : STRINGS) output.set(name, record.get(name));
    return output.put("created_at", created.of(timestamp))
        .put("processed_at", processed.of(System.currentTimeMillis() / 1000));
  }

  private ObjectNode deadLetter(JsonNode record, String error) {
    ObjectNode letter = mapper.createObjectNode();
    for (String name : STRINGS) letter.set(name, record.get(name));  // null where it has none
    letter.set("timestamp", record.get("timestamp"));
    return letter.put("error", error);
  }
}
