// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** How long a record takes from the call that produces it to a reader of committed records, at a
 *  fixed rate: LatencyProbe BROKERS INPUT OUTPUT RATE SECONDS WARM_UP_SECONDS.
 *
 *  Record n is due at start + n / rate, by the clock, and its latency counts from then: a sender
 *  that is late, for whatever reason, makes the latency longer and not the load smaller (no
 *  coordinated omission). The record carries n in its user_id, and each n must come back once.
 *  Prints "begin" when the warm-up is over, "end" when the last record has been sent (what lies
 *  between is the time at the rate), and one line of JSON, in milliseconds. */
public final class LatencyProbe {
  private static final int DIGITS = 12;
  private static final long PARK_NANOS = 500_000;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String brokers;
  private final String input;
  private final String output;
  private final long rate;
  private final int records;
  private final int warmUp;
  private final CountDownLatch readerReady = new CountDownLatch(1);
  private volatile long startNanos;

  private LatencyProbe(String[] arguments) {
    brokers = arguments[0];
    input = arguments[1];
    output = arguments[2];
    rate = Long.parseLong(arguments[3]);
    warmUp = (int) (rate * Integer.parseInt(arguments[5]));
    records = warmUp + (int) (rate * Integer.parseInt(arguments[4]));
  }

  public static void main(String[] arguments) throws Exception {
    new LatencyProbe(arguments).run();
  }

  private void run() throws Exception {
    long[] nanos = new long[records];
    var failure = new AtomicReference<Throwable>();
    var reader = new Thread(() -> {
      try {
        read(nanos);
      } catch (Throwable e) {
        failure.set(e);
        readerReady.countDown();
      }
    });
    reader.start();
    readerReady.await();
    long worstSend = send(failure);
    reader.join(120_000);
    if (failure.get() != null) throw new IllegalStateException(failure.get());
    if (reader.isAlive()) throw new IllegalStateException("not all records came back in 120 s");
    long[] sorted = Arrays.copyOfRange(nanos, warmUp, records);
    Arrays.sort(sorted);
    System.out.printf("{\"records\": %d, \"rate\": %d, \"p50\": %.2f, \"p90\": %.2f, "
        + "\"p99\": %.2f, \"p999\": %.2f, \"max\": %.2f, \"worst_send_delay\": %.2f}%n",
        sorted.length, rate,
        at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 0.999), at(sorted, 1),
        worstSend / 1e6);
    System.exit(0);
  }

  private static double at(long[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)] / 1e6;
  }

  private long due(int number) {
    return startNanos + number * 1_000_000_000L / rate;
  }

  private long send(AtomicReference<Throwable> failure) {
    long worst = 0;
    try (var producer = new KafkaProducer<byte[], byte[]>(Map.of("bootstrap.servers", brokers,
        "linger.ms", 0, "enable.idempotence", false), new ByteArraySerializer(),
        new ByteArraySerializer())) {
      int partitions = producer.partitionsFor(input).size();
      startNanos = System.nanoTime() + 50_000_000;
      for (int number = 0; number < records && failure.get() == null; ++number) {
        long wait = due(number) - System.nanoTime();
        // Spinning would take a core from the engine and the broker.
        while (wait > 0) {
          LockSupport.parkNanos(Math.max(wait, PARK_NANOS));
          wait = due(number) - System.nanoTime();
        }
        if (number == warmUp) say("begin");
        if (number >= warmUp) worst = Math.max(worst, System.nanoTime() - due(number));
        producer.send(new ProducerRecord<>(input, number % partitions, null, record(number)),
            (metadata, error) -> {
              if (error != null) failure.compareAndSet(null, error);
            });
      }
      say("end");
    }
    return worst;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static byte[] record(int number) {
    String id = String.format("%0" + DIGITS + "d", number);
    return ("{\"user_id\": \"59cc1bb4-8037-4475-b1e4-" + id + "\", \"app_version\": \"2.3.0\", "
        + "\"ip\": \"1.1.177.19\", \"locale\": \"CT\", \"device_id\": \"8792a520-f2d6-45e9-87f3-"
        + id + "\", \"timestamp\": 1720655268, \"device_type\": \"android\"}").getBytes();
  }

  private void read(long[] nanos) throws Exception {
    try (var consumer = new KafkaConsumer<byte[], byte[]>(Map.of("bootstrap.servers", brokers,
        "isolation.level", "read_committed", "allow.auto.create.topics", "false",
        "auto.offset.reset", "none", "fetch.max.wait.ms", 5, "max.poll.records", 20_000),
        new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions = consumer.partitionsFor(output).stream()
          .map(info -> new TopicPartition(output, info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      readerReady.countDown();
      var seen = new BitSet(records);
      while (seen.cardinality() < records) {
        var polled = consumer.poll(Duration.ofMillis(5));
        long now = System.nanoTime();
        for (var record : polled) {
          JsonNode value = MAPPER.readTree(record.value());
          String id = value.path("user_id").asText();
          int number = Integer.parseInt(id.substring(id.length() - DIGITS));
          if (seen.get(number)) throw new IllegalStateException("record " + number + " came twice");
          seen.set(number);
          nanos[number] = now - due(number);
        }
      }
    }
  }
}
