// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** What must appear on one output partition from one input partition, and what did. The expected
 *  identities ascend; each observation is judged at once by its place among them. */
final class Ledger {
  enum Verdict { NEXT, GAP, LATE, DUPLICATE, FOREIGN }

  /** Records that came again one after the other: first place and identity, how many, when the
   *  first of them had been written the last time before, when the newest record of all was written
   *  first, and when the repeat was (milliseconds since 1970). The last time, not the first: after
   *  two crashes without a commit in between, what lies between the two was nobody's work. */
  static final class Replay {
    int place;
    long first;
    int length;
    long since;
    long until;
    long at;
  }

  private long[] expected = new long[64];
  private long[] written = new long[64]; // the last time
  private int size;
  private int next;
  private int lastDuplicate = -2;
  private final TreeSet<Integer> skipped = new TreeSet<>();
  final List<Replay> replays = new ArrayList<>();
  long duplicates;
  long late;
  long foreign;
  long gaps;

  void expect(long identity) {
    if (size > 0 && identity <= expected[size - 1]) throw new IllegalStateException("no order");
    if (size == expected.length) {
      expected = Arrays.copyOf(expected, size * 2);
      written = Arrays.copyOf(written, size * 2);
    }
    expected[size++] = identity;
  }

  /** `written`: when the record was written, in milliseconds since 1970. */
  Verdict observe(long identity, long time) {
    int place = Arrays.binarySearch(expected, 0, size, identity);
    if (place < 0) {
      ++foreign;
      return Verdict.FOREIGN;
    }
    if (place >= next) {
      boolean gap = place > next;
      for (int i = next; i < place; ++i) skipped.add(i);
      if (gap) ++gaps;
      next = place + 1;
      written[place] = time;
      lastDuplicate = -2;
      return gap ? Verdict.GAP : Verdict.NEXT;
    }
    if (skipped.remove(place)) {
      written[place] = time;
      ++late;
      return Verdict.LATE;
    }
    ++duplicates;
    if (place != lastDuplicate + 1) {
      Replay replay = new Replay();
      replay.place = place;
      replay.first = identity;
      replay.since = written[place];
      replay.until = written[next - 1];
      replay.at = time;
      replays.add(replay);
    }
    ++replays.get(replays.size() - 1).length;
    written[place] = time;
    lastDuplicate = place;
    return Verdict.DUPLICATE;
  }

  /** What has not appeared. */
  long missing() {
    return skipped.size() + size - next;
  }

  /** Places that a later record has passed over. */
  long passedOver() {
    return skipped.size();
  }

  int expected() {
    return size;
  }

  /** The smallest identity that has not appeared; -1 where there is none. */
  long firstMissing() {
    if (!skipped.isEmpty()) return expected[skipped.first()];
    return next < size ? expected[next] : -1;
  }
}
