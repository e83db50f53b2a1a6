// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.processor.StreamPartitioner;

/** The job in Kafka Streams. Alone, verified:
 *
 *    python3 bench/peers/peers.py build/release/millrace build/release/bench/floor/bench_floor \
 *        --only kafka_streams --rounds 1
 *
 *  Kafka Streams 4.2.0 and Jackson 2.19.2. It promises exactly once (exactly_once_v2, a commit each
 *  100 ms), and every record stays in its partition, so that the order is kept. The insights are in
 *  memory only, without Streams' state stores and their changelog topics, which cost more. It ends
 *  when it has done all that its input held at its start. */
public final class StreamsJob {
  private static final String BROKERS = System.getenv("BENCH_BROKERS");
  private static final String INPUT = System.getenv("BENCH_INPUT");

  private StreamsJob() {}

  public static void main(String[] arguments) throws Exception {
    Map<Integer, Long> ends = ends();
    var open = new CountDownLatch((int) ends.values().stream().filter(end -> end > 0).count());
    var insights = new ConcurrentLinkedQueue<Insights>();
    var streams = new KafkaStreams(topology(ends, open, insights), settings());
    var failed = new Throwable[1];
    streams.setUncaughtExceptionHandler(error -> {
      failed[0] = error;
      while (open.getCount() > 0) open.countDown();
      return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
    open.await();
    streams.close();  // commits what is done
    if (failed[0] != null) {
      failed[0].printStackTrace();
      System.exit(1);
    }
    var all = new Insights();
    insights.forEach(all::add);
    new ObjectMapper().writeValue(Path.of(System.getenv("BENCH_INSIGHTS")).toFile(), all.report());
  }

  private static Map<Integer, Long> ends() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKERS))) {
      var wanted = new HashMap<TopicPartition, OffsetSpec>();
      admin.describeTopics(Set.of(INPUT)).allTopicNames().get().get(INPUT).partitions().forEach(
          info -> wanted.put(new TopicPartition(INPUT, info.partition()), OffsetSpec.latest()));
      var ends = new HashMap<Integer, Long>();
      admin.listOffsets(wanted).all().get().forEach(
          (partition, found) -> ends.put(partition.partition(), found.offset()));
      return ends;
    }
  }

  private static Properties settings() {
    var settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, System.getenv("BENCH_NAME"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, BROKERS);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("BENCH_FOLDER"));
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        4 << 20);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 1_000_000);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
    return settings;
  }

  private static Topology topology(Map<Integer, Long> ends, CountDownLatch open,
      ConcurrentLinkedQueue<Insights> insights) {
    var topology = new Topology();
    topology.addSource("input", new ByteArrayDeserializer(), new ByteArrayDeserializer(), INPUT);
    topology.addProcessor("job", () -> {
      var own = new Insights();
      insights.add(own);
      return new JobProcessor(own, ends, open);
    }, "input");
    for (String sink : new String[] {JobProcessor.OUTPUT, JobProcessor.DEAD_LETTERS}) {
      topology.<byte[], Result>addSink(sink, System.getenv("BENCH_" + sink),
          new ByteArraySerializer(), new ResultSerializer(), new SamePartition(), "job");
    }
    return topology;
  }

  /** What is sent: bytes of JSON, and the partition that the record came from. */
  record Result(byte[] json, int partition) {}

  private static final class ResultSerializer implements Serializer<Result> {
    @Override
    public byte[] serialize(String topic, Result result) {
      return result.json();
    }
  }

  private static final class SamePartition implements StreamPartitioner<byte[], Result> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, Result result, int count) {
      return Optional.of(Set.of(result.partition()));
    }
  }
}
