// SPDX-License-Identifier: Apache-2.0
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;

/** What a broker's log files say about transactions: the one witness that is no client. */
final class Markers {
  /** A partition's data records by what became of their transaction, and its control records. */
  static final class Partition {
    long committedRecords;
    long abortedRecords;
    long openRecords;
    long commits;
    long aborts;
    final Map<Long, Long> abortsByProducer = new HashMap<>();
    final Map<Long, Long> commitsByProducer = new HashMap<>();
  }

  /** All partitions of these topics in one broker's data folder, by the name of their folder. */
  static Map<String, Partition> read(File folder, List<String> topics) throws IOException {
    Map<String, Partition> found = new TreeMap<>();
    File[] partitions = folder.listFiles(file -> file.isDirectory()
        && topics.contains(file.getName().replaceFirst("-[0-9]+$", "")));
    for (File partition : partitions == null ? new File[0] : partitions) {
      found.put(partition.getName(), readPartition(partition));
    }
    return found;
  }

  private static Partition readPartition(File folder) throws IOException {
    Partition partition = new Partition();
    Map<Long, Long> open = new HashMap<>();
    List<File> segments =
        new ArrayList<>(Arrays.asList(folder.listFiles(file -> file.getName().endsWith(".log"))));
    segments.sort(null);
    for (File segment : segments) {
      try (FileRecords records = FileRecords.open(segment)) {
        for (RecordBatch batch : records.batches()) readBatch(batch, partition, open);
      }
    }
    partition.openRecords = open.values().stream().mapToLong(Long::longValue).sum();
    return partition;
  }

  private static void readBatch(RecordBatch batch, Partition partition, Map<Long, Long> open) {
    long producer = batch.producerId();
    if (batch.isControlBatch()) {
      for (Record record : batch) {
        ControlRecordType type = ControlRecordType.parse(record.key());
        long records = open.getOrDefault(producer, 0L);
        if (type == ControlRecordType.ABORT) {
          ++partition.aborts;
          partition.abortsByProducer.merge(producer, 1L, Long::sum);
          partition.abortedRecords += records;
        } else if (type == ControlRecordType.COMMIT) {
          ++partition.commits;
          partition.commitsByProducer.merge(producer, 1L, Long::sum);
          partition.committedRecords += records;
        } else {
          continue;
        }
        open.remove(producer);
      }
      return;
    }
    long count = 0;
    for (Record ignored : batch) ++count;
    if (batch.isTransactional()) {
      open.merge(producer, count, Long::sum);
    } else {
      partition.committedRecords += count;
    }
  }

  /** At least so many different transactions: one writes at most one marker on a partition. */
  static long transactions(Map<String, Partition> partitions, boolean aborted) {
    Map<Long, Long> most = new HashMap<>();
    for (Partition partition : partitions.values()) {
      (aborted ? partition.abortsByProducer : partition.commitsByProducer)
          .forEach((producer, count) -> most.merge(producer, count, Math::max));
    }
    return most.values().stream().mapToLong(Long::longValue).sum();
  }
}
