// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/** Holds each output record against the input records that are known so far. Not thread-safe. */
final class Judge {
  private static final int SENTENCES_MAX = 40;

  /** The topics by Recipe's numbers, and how many partitions each has. */
  record Topics(String input, List<String> names, int[] partitions) {}

  /** One output topic's partition, and the input partition whose records are looked at. */
  private record Stream(int topic, int partition, int input) implements Comparable<Stream> {
    @Override
    public int compareTo(Stream other) {
      return topic != other.topic ? Integer.compare(topic, other.topic)
          : partition != other.partition ? Integer.compare(partition, other.partition)
          : Integer.compare(input, other.input);
    }
  }

  private final Recipe recipe;
  private final Topics topics;
  private final boolean repeatsAllowed;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Map<Stream, Ledger> ledgers = new TreeMap<>();
  private final long[] inputs;
  private final long[][] inputTimes;
  private final List<String> sentences = new ArrayList<>();
  final long[] firstTime;  // outputs that came for the first time, by input partition
  final long[][] delivered; // records read, by topic and partition
  private long violations;
  private long badContent;
  private long badProvenance;
  private long badInput;

  Judge(Recipe recipe, Topics topics, int inputPartitions, boolean repeatsAllowed) {
    this.recipe = recipe;
    this.topics = topics;
    this.repeatsAllowed = repeatsAllowed;
    inputs = new long[inputPartitions];
    inputTimes = new long[inputPartitions][1024];
    firstTime = new long[inputPartitions];
    delivered = new long[topics.names().size()][];
    for (int topic = 0; topic < delivered.length; ++topic) {
      delivered[topic] = new long[topics.partitions()[topic]];
      for (int partition = 0; partition < topics.partitions()[topic]; ++partition) {
        for (int input = 0; input < inputPartitions; ++input) {
          ledgers.put(new Stream(topic, partition, input), new Ledger());
        }
      }
    }
  }

  long inputRead(int partition) {
    return inputs[partition];
  }

  void input(ConsumerRecord<byte[], byte[]> record) {
    int partition = record.partition();
    long number = inputs[partition]++;
    if (record.offset() != number || !Arrays.equals(record.value(), recipe.value(partition, number))
        || !Arrays.equals(record.key(), recipe.key(partition, number))) {
      ++badInput;
      say("input " + partition + "/" + record.offset() + " is not what was to be fed");
      return;
    }
    if (number >= inputTimes[partition].length) {
      inputTimes[partition] = Arrays.copyOf(inputTimes[partition], (int) number * 2);
    }
    inputTimes[partition][(int) number] = record.timestamp();
    for (Recipe.Output output : recipe.outputs(partition, number)) {
      // Dead letters stay in the partition that their record came from.
      byte[] key = output.topic() == Recipe.DEAD ? null : record.key();
      int place = place(key, partition, topics.partitions()[output.topic()]);
      ledgers.get(new Stream(output.topic(), place, partition))
          .expect(number * Recipe.PIECES_MAX + output.piece());
    }
  }

  private static int place(byte[] key, int partition, int partitions) {
    return key == null ? partition % partitions : Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /** Which input record this output says that it comes from: partition and number; null if it
   *  does not say. */
  long[] origin(ConsumerRecord<byte[], byte[]> record) {
    String[] words = header(record, "id").split("/");
    try {
      long[] origin = {Long.parseLong(words[0]), Long.parseLong(words[1])};
      return origin[0] >= 0 && origin[0] < inputs.length && origin[1] >= 0 ? origin : null;
    } catch (RuntimeException e) {
      return null;
    }
  }

  /** Requires: the input has been read beyond the record's origin. */
  void output(ConsumerRecord<byte[], byte[]> record) {
    int topic = topics.names().indexOf(record.topic());
    ++delivered[topic][record.partition()];
    long[] origin = origin(record);
    if (origin == null || origin[1] >= inputs[(int) origin[0]]) {
      violate(record, "comes from no input record");
      return;
    }
    int partition = (int) origin[0];
    long number = origin[1];
    int piece = topic == Recipe.DEAD ? examineDead(record, partition, number)
        : examineGood(record, topic, partition, number);
    Ledger ledger = ledgers.get(new Stream(topic, record.partition(), partition));
    Ledger.Verdict verdict =
        ledger.observe(number * Recipe.PIECES_MAX + piece, record.timestamp());
    switch (verdict) {
      case NEXT -> ++firstTime[partition];
      case GAP -> {
        ++firstTime[partition];
        violate(record, "passes over records before it");
      }
      case LATE -> {
        ++firstTime[partition];
        violate(record, "comes after records behind it");
      }
      case DUPLICATE -> {
        if (!repeatsAllowed) violate(record, "was there before");
      }
      case FOREIGN -> violate(record, "does not belong on this partition");
      default -> throw new IllegalStateException();
    }
  }

  /** Which piece of its record this is. */
  private int examineGood(ConsumerRecord<byte[], byte[]> record, int topic, int partition,
      long number) {
    int piece = 0;
    boolean good = false;
    try {
      JsonNode value = mapper.readTree(record.value());
      JsonNode items = value.path("items");
      if (topic == Recipe.OUT) {
        piece = items.isInt() && items.asInt() >= 0 ? items.asInt() : Recipe.PIECES_MAX - 1;
      }
      good = value.path("p").asLong(-1) == partition && value.path("n").asLong(-1) == number
          && value.path("h").asText().equals(recipe.check(partition, number))
          && (topic == Recipe.OUT ? items.isInt()
              : items.size() == recipe.pieces(partition, number));
    } catch (IOException | IllegalArgumentException e) {
      // Not even JSON: not good.
    }
    if (!good || !Arrays.equals(record.key(), recipe.key(partition, number))) {
      ++badContent;
      violate(record, "has another content than its input record");
    }
    return piece;
  }

  private int examineDead(ConsumerRecord<byte[], byte[]> record, int partition, long number) {
    if (!Arrays.equals(record.value(), recipe.value(partition, number))
        || !Arrays.equals(record.key(), recipe.key(partition, number))) {
      ++badContent;
      violate(record, "is not byte for byte the record that was rejected");
    }
    if (!header(record, "millrace.topic").equals(topics.input())
        || !header(record, "millrace.partition").equals(Integer.toString(partition))
        || !header(record, "millrace.offset").equals(Long.toString(number))
        || !header(record, "millrace.timestamp")
            .equals(Long.toString(inputTimes[partition][(int) number]))
        || !header(record, "millrace.reason").startsWith(recipe.reason(partition, number))) {
      ++badProvenance;
      violate(record, "does not say rightly where it comes from: " + record.headers());
    }
    return 0;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header found = record.headers().lastHeader(name);
    return found == null || found.value() == null ? ""
        : new String(found.value(), StandardCharsets.UTF_8);
  }

  private void violate(ConsumerRecord<byte[], byte[]> record, String what) {
    ++violations;
    say(record.topic() + "/" + record.partition() + " offset " + record.offset() + " (input "
        + header(record, "id") + ") " + what);
  }

  void fail(String sentence) {
    ++violations;
    say(sentence);
  }

  private void say(String sentence) {
    if (sentences.size() < SENTENCES_MAX) sentences.add(sentence);
  }

  long violations() {
    return violations + badInput;
  }

  ArrayNode sentences() {
    ArrayNode all = mapper.createArrayNode();
    sentences.forEach(all::add);
    return all;
  }

  /** All that was found; `atEnd`: what has not come by now is lost. */
  ObjectNode summary(boolean atEnd) {
    ObjectNode found = mapper.createObjectNode();
    long lost = 0;
    long passedOver = 0;
    long duplicates = 0;
    long late = 0;
    long foreign = 0;
    long expected = 0;
    ArrayNode replays = mapper.createArrayNode();
    for (var entry : ledgers.entrySet()) {
      Ledger ledger = entry.getValue();
      lost += ledger.missing();
      passedOver += ledger.passedOver();
      duplicates += ledger.duplicates;
      late += ledger.late;
      foreign += ledger.foreign;
      expected += ledger.expected();
      Stream stream = entry.getKey();
      if (atEnd && ledger.missing() > 0) {
        say(topics.names().get(stream.topic()) + "/" + stream.partition() + " lacks "
            + ledger.missing() + " of input partition " + stream.input() + ", first number "
            + ledger.firstMissing() / Recipe.PIECES_MAX);
      }
      for (Ledger.Replay replay : ledger.replays) {
        replays.addObject().put("topic", topics.names().get(stream.topic()))
            .put("partition", stream.partition()).put("input", stream.input())
            .put("first", replay.first / Recipe.PIECES_MAX).put("length", replay.length)
            .put("since", replay.since).put("until", replay.until).put("at", replay.at);
      }
    }
    found.put("input", Arrays.stream(inputs).sum()).put("expected", expected)
        .put("read", Arrays.stream(delivered).flatMapToLong(Arrays::stream).sum())
        .put("lost", atEnd ? lost : passedOver).put("duplicated", duplicates)
        .put("out_of_order", late).put("foreign", foreign).put("bad_content", badContent)
        .put("bad_provenance", badProvenance).put("bad_input", badInput)
        .put("violations", violations() + (atEnd ? lost : 0));
    found.set("replays", replays);
    found.set("sentences", sentences());
    return found;
  }
}
