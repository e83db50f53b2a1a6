# SPDX-License-Identifier: Apache-2.0
"""The records of the oracle's input: a function of their number and a seed.

A line of the file is PARTITION <tab> TIMESTAMP <tab> VALUE; the timestamp is Kafka's, in
milliseconds, and a value of \\N is none."""

import datetime
import random

PARTITIONS = 4
BEGIN = 1_704_067_200  # 2024-01-01T00:00:00Z, the event time of the first ones
MINUTE = 60
HOUR = 3600

TYPES = ("android", "Android", "ios", "iOS", "web", "Web", "smart-tv", "")
VERSIONS = ("1.9.9", "2.3.0", "2.3.1", "2.4.0", "2.10.0", "3.0.0-beta", "3.0.0")
COUNTRIES = ("DE", "FR", "US", "BR", "IN", "JP", "NG", "AU", "SE", "PL", "MX", "CA")
# A name with an escape, names beyond ASCII, and one that is cut as a key.
CITIES = ("Z\u00fcrich", "S\u00e3o Paulo", "\u6771\u4eac", "O\\u0027Fallon", "L\\\\n", "long" * 80)


def write(path, seed, records, users, span):
    """`span` is how many seconds of event time there are, from the first record to the last."""
    maker = _Maker(seed, records, users, span)
    with open(path, "wb") as file:
        for number in range(records):
            file.write(maker.line(number))


class _Maker:
    def __init__(self, seed, records, users, span):
        self.chance = random.Random(seed)
        self.users = users
        self.step = span / records
        self.rare = 20 / records
        self.cities = [*CITIES, *(f"city-{i}" for i in range(300))]

    def line(self, number):
        chance = self.chance
        begin = BEGIN + number * self.step  # when it happened, but for what is added to it below
        timestamp = int(begin * 1000) + chance.randrange(5000)
        value = self._value(int(begin), timestamp)
        return b"%d\t%d\t%s\n" % (chance.randrange(PARTITIONS), timestamp, self._spoil(value))

    def _spoil(self, value):
        """Some are no JSON, no object, or nothing."""
        share = self.chance.random()
        if share > 0.02:
            return value.encode()
        if share < 0.006:
            return value.encode()[:-1 - self.chance.randrange(20)]
        if share < 0.010:
            return b"[" + value.encode() + b"]"
        if share < 0.014:
            return rb"\N"
        return value.encode().replace(b"{", b'{"bad":"\xc3\x28",', 1)

    def _value(self, begin, timestamp):
        """One JSON object. All members but for the first two may be absent, or of another type than
        they should be."""
        chance = self.chance
        user = int(chance.random() ** 2 * self.users)
        # A few users have many devices.
        device = user * 1000 + chance.randrange(300 if user % 1000 == 7 else 3)
        share = chance.random()
        members = [
            '"user":null' if share < 0.003 else "" if share < 0.006 else f'"user":"u{user}"',
            '"app_version":7' if 0.006 < share < 0.012
            else f'"app_version":"{chance.choice(VERSIONS)}"',
            f'"device":"d{device}"' if share > 0.02 else f'"device":{device}',
            self._type(), self._country(), self._city(), self._amount(),
            "" if chance.random() < 0.04 else f'"units":{int(chance.random() * 4e12)}',
            "" if chance.random() < 0.03 else f'"duration":{chance.lognormvariate(3, 2):.3f}',
            f'"robot":{"true" if chance.random() < 0.04 else "false"}',
            *self._times(begin, timestamp)]
        return "{" + ",".join(filter(None, members)) + "}"

    def _type(self):
        share = self.chance.random()
        return ("" if share < 0.02 else '"device_type":["web"]' if share < 0.03
                else f'"device_type":"{self.chance.choice(TYPES)}"')

    def _country(self):
        share = self.chance.random()
        if share > 0.08:
            return f'"country":"{COUNTRIES[int(share * 1000) % len(COUNTRIES)]}"'
        return ("" if share < 0.02 else '"country":null' if share < 0.03
                else '"country":{"code":"DE"}' if share < 0.035 else '"country":49' if share < 0.04
                else '"country":"49"' if share < 0.045 else '"country":true' if share < 0.05
                else '"country":"XX"')

    def _city(self):
        share = self.chance.random()
        if share < 0.01:
            return ""
        return f'"city":"{self.cities[int(share ** 3 * len(self.cities))]}"'

    def _amount(self):
        share = self.chance.random()
        if share < 0.05:
            return "" if share < 0.03 else '"amount":"12"'
        if share < 0.2:
            return f'"amount":{self.chance.randrange(-100, 1000)}'
        if share < 0.22:
            return f'"amount":{self.chance.randrange(1, 99)}e{self.chance.randrange(4)}'
        return f'"amount":{self.chance.gauss(100, 60):.2f}'

    def _times(self, begin, timestamp):
        """The event time, twice: in Unix seconds, and as text in milliseconds. Most are a little
        out of order; some are late; few are early, of which again few are further ahead of their
        timestamps than any window takes."""
        chance = self.chance
        share = chance.random()
        late = chance.randrange(20 * MINUTE) if share < 0.02 else chance.randrange(-20, 20)
        if share > 0.9995:
            late = -chance.randrange(2 * HOUR, 1000 * HOUR)
        elif share < self.rare:  # the watermark leaps
            late = -chance.randrange(3 * MINUTE)
        elif share < 1.5 * self.rare:  # for one insight it is ahead, for the others it leaps
            late = -chance.randrange(11 * MINUTE, 12 * MINUTE)
        time = begin - late
        at = datetime.datetime.fromtimestamp(
            time + timestamp % 1000 / 1000,
            datetime.timezone(datetime.timedelta(hours=timestamp % 3)))
        bad = chance.random()
        return ["" if bad < 0.01 else '"t":"soon"' if bad < 0.02 else f'"t":{time}',
                "" if bad > 0.99 else f'"at":"{at.isoformat(timespec="milliseconds")}"']
