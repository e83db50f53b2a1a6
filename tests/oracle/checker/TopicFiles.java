// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Files become topics and topics files, by Kafka's own Java client and nothing of Millrace.
 *
 *  TopicFiles fill BOOTSTRAP TOPIC FILE RATE
 *    writes the lines of a file (PARTITION, TIMESTAMP and VALUE between tabs; \N is no value), so
 *    many per second, up to as many in all as the last line on stdin says; prints twice a second
 *    how many the brokers have acknowledged
 *  TopicFiles dump BOOTSTRAP FOLDER TOPIC...
 *    writes the committed records up to each topic's end to FOLDER/TOPIC.tsv: PARTITION, OFFSET,
 *    TIMESTAMP, KEY, VALUE and HEX, which has the value where it is no printable ASCII; \N is
 *    none */
public final class TopicFiles {
  private static final String NONE = "\\N";
  private static volatile long limit;

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "fill" ->
          fill(arguments[1], arguments[2], arguments[3], Double.parseDouble(arguments[4]));
      case "dump" ->
          dump(arguments[1], arguments[2], List.of(arguments).subList(3, arguments.length));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void fill(String bootstrap, String topic, String file, double rate)
      throws Exception {
    AtomicLong acknowledged = new AtomicLong();
    AtomicReference<Exception> failed = new AtomicReference<>();
    Thread listener = new Thread(TopicFiles::listen);
    listener.setDaemon(true);
    listener.start();
    double allowed = 0;
    long last = System.nanoTime();
    long told = last;
    long sent = 0;
    try (var producer = new KafkaProducer<byte[], byte[]>(Map.of("bootstrap.servers", bootstrap,
             "acks", "all", "enable.idempotence", true, "linger.ms", 5, "batch.size", 65_536),
             new ByteArraySerializer(), new ByteArraySerializer());
        // Bytes as they are, whatever they mean.
        var lines = new BufferedReader(new InputStreamReader(new FileInputStream(file),
            StandardCharsets.ISO_8859_1), 1 << 20)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        while (allowed < 1 || sent >= limit) {
          Thread.sleep(2);
          long now = System.nanoTime();
          // After a stand-still it does not catch up at once.
          allowed = Math.min(allowed + rate * (now - last) / 1e9, rate / 4 + 1);
          last = now;
          if (now - told > 500_000_000) {
            System.out.println(acknowledged.get());
            told = now;
          }
          if (failed.get() != null) throw failed.get();
        }
        producer.send(record(topic, line), (metadata, e) -> {
          if (e != null) failed.set(e);
          acknowledged.incrementAndGet();
        });
        ++sent;
        --allowed;
      }
      producer.flush();
    }
    if (failed.get() != null) throw failed.get();
    System.out.println(acknowledged.get());
  }

  private static void listen() {
    try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        limit = Long.parseLong(line);
      }
      System.exit(1); // whoever started this is gone
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String line) {
    String[] parts = line.split("\t", 3);
    byte[] value =
        parts[2].equals(NONE) ? null : parts[2].getBytes(StandardCharsets.ISO_8859_1);
    return new ProducerRecord<>(topic, Integer.valueOf(parts[0]), Long.valueOf(parts[1]), null,
        value);
  }

  private static void dump(String bootstrap, String folder, List<String> topics)
      throws IOException {
    try (var consumer = new KafkaConsumer<byte[], byte[]>(Map.of("bootstrap.servers", bootstrap,
        "isolation.level", "read_committed", "allow.auto.create.topics", "false",
        "max.partition.fetch.bytes", 4 << 20, "max.poll.records", 20_000,
        "auto.offset.reset", "none"),
        new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      for (String topic : topics) {
        try (var out = new BufferedOutputStream(
            new FileOutputStream(folder + "/" + topic + ".tsv"), 1 << 20)) {
          dump(consumer, topic, out);
        }
      }
    }
  }

  private static void dump(KafkaConsumer<byte[], byte[]> consumer, String topic, OutputStream out)
      throws IOException {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo info : consumer.partitionsFor(topic)) {
      partitions.add(new TopicPartition(topic, info.partition()));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      for (var record : consumer.poll(Duration.ofMillis(200))) write(record, out);
    }
  }

  private static void write(ConsumerRecord<byte[], byte[]> record, OutputStream out)
      throws IOException {
    ascii(record.partition() + "\t" + record.offset() + "\t" + record.timestamp() + "\t", out);
    bytes(record.key(), out);
    out.write('\t');
    boolean printable = isPrintable(record.value());
    bytes(printable ? record.value() : null, out);
    out.write('\t');
    ascii(printable || record.value() == null ? NONE
        : HexFormat.of().formatHex(record.value()), out);
    out.write('\n');
  }

  private static void bytes(byte[] bytes, OutputStream out) throws IOException {
    out.write(bytes == null ? NONE.getBytes(StandardCharsets.US_ASCII) : bytes);
  }

  private static void ascii(String text, OutputStream out) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean isPrintable(byte[] bytes) {
    if (bytes == null) return false;
    for (byte b : bytes) {
      if (b < ' ' || b > '~') return false;
    }
    return true;
  }
}
