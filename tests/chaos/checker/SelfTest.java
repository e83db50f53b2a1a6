// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Shows that the judge sees what it is there to see: made-up streams, each spoilt in one way. */
final class SelfTest {
  private static int failures;

  public static void main(String[] arguments) {
    long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : System.nanoTime();
    System.out.println("seed " + seed);
    Random chance = new Random(seed);
    for (int round = 0; round < 200; ++round) once(chance);
    bookOfReplays();
    recipes(seed);
    System.out.println(failures == 0 ? "the judge sees all of it" : failures + " failures");
    System.exit(failures == 0 ? 0 : 1);
  }

  private static void once(Random chance) {
    List<Long> good = new ArrayList<>();
    int size = 50 + chance.nextInt(100);
    for (long n = 0; good.size() < size; n += 1 + chance.nextInt(9)) good.add(n);
    expect("whole", good, good, 0, 0, 0, 0);
    int place = 1 + chance.nextInt(good.size() - 10);
    int length = 1 + chance.nextInt(8);

    List<Long> skipped = new ArrayList<>(good);
    skipped.subList(place, place + length).clear();
    expect("skip", good, skipped, length, 0, 0, 0);

    expect("cut off", good, good.subList(0, place), good.size() - place, 0, 0, 0);

    List<Long> repeated = new ArrayList<>(good);
    repeated.addAll(place + length, good.subList(place, place + length));
    expect("repeat", good, repeated, 0, length, 0, 0);

    List<Long> swapped = new ArrayList<>(good);
    Collections.swap(swapped, place, place + 1);
    expect("swap", good, swapped, 0, 0, 1, 0);

    List<Long> filledLater = new ArrayList<>(skipped);
    filledLater.addAll(good.subList(place, place + length));
    expect("gap that is filled later", good, filledLater, 0, 0, length, 0);

    List<Long> foreign = new ArrayList<>(good);
    foreign.add(place, -1L);
    expect("foreign", good, foreign, 0, 0, 0, 1);

    List<Long> twice = new ArrayList<>(good);
    twice.addAll(good);
    expect("all again", good, twice, 0, good.size(), 0, 0);
  }

  private static void expect(String name, List<Long> expected, List<Long> observed, long lost,
      long duplicates, long late, long foreign) {
    Ledger ledger = new Ledger();
    expected.forEach(ledger::expect);
    long time = 1000;
    for (long identity : observed) ledger.observe(identity, time++);
    if (ledger.missing() != lost || ledger.duplicates != duplicates || ledger.late != late
        || ledger.foreign != foreign) {
      ++failures;
      System.out.printf("%s: lost %d (%d), duplicates %d (%d), late %d (%d), foreign %d (%d)%n",
          name, ledger.missing(), lost, ledger.duplicates, duplicates, ledger.late, late,
          ledger.foreign, foreign);
    }
  }

  private static void bookOfReplays() {
    Ledger ledger = new Ledger();
    for (long n = 0; n < 10; ++n) ledger.expect(n);
    for (long n = 0; n < 8; ++n) ledger.observe(n, 100 + n);
    for (long n = 5; n < 10; ++n) ledger.observe(n, 200 + n);
    ledger.observe(2, 300);
    ledger.observe(6, 400);
    Ledger.Replay first = ledger.replays.get(0);
    Ledger.Replay second = ledger.replays.get(1);
    Ledger.Replay third = ledger.replays.get(2);
    if (ledger.replays.size() != 3 || first.first != 5 || first.length != 3 || first.since != 105
        || first.until != 107 || first.at != 205 || second.length != 1 || second.until != 209
        || third.since != 206) {
      ++failures;
      System.out.println("the book of replays is wrong");
    }
  }

  /** Every kind occurs, and identities do not collide. */
  private static void recipes(long seed) {
    Recipe recipe = new Recipe(seed);
    int[] kinds = new int[Recipe.Kind.values().length];
    int[] topics = new int[3];
    for (long n = 0; n < 20_000; ++n) {
      ++kinds[recipe.kind(1, n).ordinal()];
      for (Recipe.Output output : recipe.outputs(1, n)) {
        ++topics[output.topic()];
        if (output.piece() >= Recipe.PIECES_MAX) ++failures;
      }
    }
    for (int count : kinds) failures += count < 200 ? 1 : 0;
    for (int count : topics) failures += count < 200 ? 1 : 0;
  }
}
