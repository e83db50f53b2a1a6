// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes the input, at a rate that may be changed while it runs.
 *
 *  Feed BOOTSTRAP TOPIC PARTITIONS RECORDS SEED RATE
 *
 *  Lines on stdin: a new rate in records per second. Lines on stdout: how many records the broker
 *  has acknowledged. It ends when all are. */
final class Feed {
  private static volatile double rate;
  private static volatile Exception failed;

  public static void main(String[] arguments) throws Exception {
    String topic = arguments[1];
    int partitions = Integer.parseInt(arguments[2]);
    long records = Long.parseLong(arguments[3]);
    Recipe recipe = new Recipe(Long.parseLong(arguments[4]));
    rate = Double.parseDouble(arguments[5]);
    Thread listener = new Thread(Feed::listen);
    listener.setDaemon(true);
    listener.start();
    AtomicLong acknowledged = new AtomicLong();
    try (var producer = new KafkaProducer<byte[], byte[]>(Map.of("bootstrap.servers", arguments[0],
        "acks", "all", "enable.idempotence", true, "linger.ms", 5,
        "max.block.ms", Integer.MAX_VALUE, "delivery.timeout.ms", Integer.MAX_VALUE),
        new ByteArraySerializer(), new ByteArraySerializer())) {
      double allowed = 0;
      long last = System.nanoTime();
      long told = 0;
      for (long i = 0; i < records && failed == null; ) {
        long now = System.nanoTime();
        // After a stand-still of the broker it does not catch up at once.
        allowed = Math.min(allowed + rate * (now - last) / 1e9, rate / 4 + 1);
        last = now;
        for (; allowed >= 1 && i < records; ++i, --allowed) {
          producer.send(record(recipe, topic, (int) (i % partitions), i / partitions),
              (metadata, e) -> {
                if (e != null) failed = e;
                acknowledged.incrementAndGet();
              });
        }
        if (now - told > 300_000_000) {
          System.out.println(acknowledged.get());
          told = now;
        }
        Thread.sleep(2);
      }
      producer.flush();
    }
    if (failed != null) throw failed;
    System.out.println(acknowledged.get());
  }

  private static ProducerRecord<byte[], byte[]> record(Recipe recipe, String topic, int partition,
      long number) {
    List<Header> headers =
        List.of(new RecordHeader("id", Recipe.ascii(recipe.id(partition, number))));
    return new ProducerRecord<>(topic, partition, recipe.key(partition, number),
        recipe.value(partition, number), headers);
  }

  private static void listen() {
    try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rate = Double.parseDouble(line);
      }
    } catch (Exception e) {
      failed = e;
    }
  }
}
