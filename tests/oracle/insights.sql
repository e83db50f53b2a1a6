-- SPDX-License-Identifier: Apache-2.0
-- What each insight of oracle.yaml must be, from the input topic as an independent reader dumped it.
-- A line of three dashes names the insight that the next query is for, and its kind; shapes.py makes
-- of the rows what docs/insights.md says of that kind. What comes before the first one sets up.

create table input as
select * from read_csv(getvariable('input'), delim = '\t', header = false, quote = '', escape = '',
  nullstr = '\N', auto_detect = false, columns = {'partition': 'integer', 'o': 'bigint',
    'ts': 'bigint', 'key': 'varchar', 'value': 'varchar', 'hex': 'varchar'});

-- A value as a key: the content of a string, the text of what is no list and no object.
create macro as_key(j) as case json_type(j)
  when 'OBJECT' then null when 'ARRAY' then null when 'NULL' then 'null'
  else left(j ->> '$', 256) end;
create macro as_number(j) as
  case when json_type(j) in ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') then (j ->> '$')::double end;
create macro as_text(j) as case when json_type(j) = 'VARCHAR' then j ->> '$' end;
-- For first and last, whose values are shown as they are in the record.
create macro as_value(j) as case when json_type(j) not in ('OBJECT', 'ARRAY') then j end;

create table records as
with texts as (
  select partition, o, ts, value is null and hex is null as tombstone,
    coalesce(value, try(decode(unhex(hex)))) as text
  from input),
parsed as (
  select *, coalesce(json_valid(text), false) as valid, if(valid, text::json, null) as doc
  from texts),
members as (
  select *, json_extract(doc, ['$.user', '$.app_version', '$.device', '$.device_type', '$.country',
    '$.city', '$.amount', '$.units', '$.duration', '$.robot', '$.t', '$.at']) as m
  from parsed),
judged as (
  select *, m[10] = 'true' as is_robot,
    case
      when tombstone then 'input:tombstone'
      when text is null then 'parse:utf8'
      when not valid then 'parse:syntax'
      when json_type(doc) <> 'OBJECT' then 'parse:not_object'
      when m[1] is null then 'schema:/required/user'
      when json_type(m[1]) <> 'VARCHAR' then 'schema:/properties/user/type'
      when json_type(m[2]) <> 'VARCHAR' then 'schema:/properties/app_version/type'
      when is_robot then null
      when as_text(m[5]) = 'XX' then 'step:3:reject_if'
    end as rule
  from members)
select partition, o, ts, rule,
  case when rule is not null then 'dead_lettered' when is_robot then 'filtered'
    else 'emitted' end as outcome,
  as_key(m[1]) as user, as_key(m[2]) as app_version, as_key(m[3]) as device,
  as_key(m[4]) as device_type, as_key(m[5]) as country, as_key(m[6]) as city,
  as_key(m[10]) as robot, as_number(m[7]) as amount, as_number(m[8]) as units,
  as_number(m[9]) as duration, as_number(m[11])::bigint as t,
  epoch_ms(as_text(m[12])::timestamptz) as at_ms,
  as_value(m[2]) as version_value, as_value(m[5]) as country_value, as_value(m[6]) as city_value,
  as_value(m[11]) as t_value, coalesce(as_text(m[5]) = 'DE', false) as german,
  coalesce(as_text(m[4]) = 'android', false) as android
from judged;
drop table input;

create view emitted as from records where outcome = 'emitted';

-- A double as a whole number of 2^-60, without losing a bit: none here but 0 is nearer to 0 than 0.01.
create macro exact(x) as (x * 1152921504606846976.0)::hugeint;

-- The records of a stream (partition, o, ts, ms and more) in each window that they fall into. The
-- watermark is the largest time in offset order, of a partition, and what is too far ahead of its
-- timestamp is nowhere. A record is late for a window that the watermark before it has closed.
-- `place` is the partition for windows that close, null for those that stay open: reports merge them.
create macro windows_of(stream, size, hop, grace, ahead) as table
with timed as (
  from query_table(stream) where ms is not null and not ms > ts + ahead),
moved as (
  select *, max(ms) over (partition by partition order by o
      rows between unbounded preceding and 1 preceding) as before,
    max(ms) over (partition by partition) as final
  from timed),
placed as (
  select *, unnest(range(ms // hop * hop - size + hop, ms // hop * hop + hop, hop)) as start
  from moved)
select *, coalesce(before >= start + size + grace, false) as late,
  start = ms // hop * hop as is_last,
  if(final >= start + size + grace, partition, null) as place
from placed;

-- The books of a windowed insight: `counted` says of each row of `stream` whether it has what is
-- counted.
create macro books_of(stream, windows, ahead) as table
select
  (select count(*) from query_table(stream) where ms > ts + ahead) as ahead,
  (select count(*) from query_table(stream)
    where ms is null or (not ms > ts + ahead and not counted)) as missing,
  (select count(*) from query_table(windows) where counted and late and is_last) as late,
  (select count(*) from (select distinct place, start from query_table(windows)
    where counted and not late and place is not null)) as closed,
  (select min(final) from (select partition, max(final) as final from query_table(windows)
    group by partition)) as watermark;

create macro late_of(windows) as table
select start, count(*) as late from query_table(windows) where counted and late
group by start order by start;

create table s_type as
  select partition, o, ts, t * 1000 as ms, device_type is not null as counted, device_type
  from emitted;
create table w_type as from windows_of('s_type', 60_000, 60_000, 10_000, 3_600_000);
create table s_sum as
  select partition, o, ts, t * 1000 as ms, amount is not null as counted, amount from emitted;
create table w_sum as from windows_of('s_sum', 300_000, 60_000, 0, 600_000);
create table s_users as
  select partition, o, ts, ts as ms, user is not null as counted, user from emitted;
create table w_users as from windows_of('s_users', 120_000, 30_000, 0, 3_600_000);
create table s_top as
  select partition, o, ts, at_ms as ms, user is not null as counted, user, t_value from emitted;
create table w_top as from windows_of('s_top', 600_000, 600_000, 60_000, 3_600_000);
create table s_durations as
  select partition, o, ts, t * 1000 as ms, duration is not null as counted, duration from emitted;
create table w_durations as from windows_of('s_durations', 3_600_000, 1_200_000, 0, 3_600_000);
create table s_count as
  select partition, o, ts, t * 1000 as ms, true as counted from records;
create table w_count as from windows_of('s_count', 30_000, 30_000, 0, 3_600_000);
create table s_last as
  select partition, o, ts, t * 1000 as ms, device_type is not null as counted, device_type,
    version_value from emitted;
create table w_last as from windows_of('s_last', 600_000, 600_000, 300_000, 3_600_000);
create table s_users_by as
  select partition, o, ts, t * 1000 as ms, device_type is not null and robot is not null
      and user is not null as counted, device_type, robot, user from emitted;
create table w_users_by as from windows_of('s_users_by', 900_000, 300_000, 0, 3_600_000);
create table s_max as
  select partition, o, ts, t * 1000 as ms, amount is not null as counted, amount
  from emitted where german;
create table w_max as from windows_of('s_max', 3_600_000, 3_600_000, 0, 3_600_000);
create table s_hours as
  select partition, o, ts, at_ms as ms, at_ms is not null as counted, at_ms from emitted;
create table w_hours as from windows_of('s_hours', 86_400_000, 21_600_000, 0, 3_600_000);

--- totals: pairs
select outcome, count(*) from records group by 1
union all select 'consumed', count(*) from records;

--- dead_letters: pairs
select rule, count(*) from records where rule is not null group by 1;

-- Records that an insight is about and could not count.
--- not_counted: pairs
select 'by_type', count(*) filter (device_type is null) from emitted
union all select 'by_type_after', count(*) filter (device_type is null) from emitted
union all select 'total', count(*) filter (device_type is null) from emitted
union all select 'by_version_and_type', count(*) filter (app_version is null
  or device_type is null) from emitted
union all select 'dead_by_version', count(*) filter (app_version is null)
  from records where outcome = 'dead_lettered'
union all select 'all_by_country', count(*) filter (country is null) from records
union all select 'first_cities', count(*) filter (city is null) from emitted
union all select 'cities', count(*) filter (city is null) from emitted
union all select 'users', count(*) filter (user is null) from emitted
union all select 'german_users', count(*) filter (user is null) from emitted where german
union all select 'cities_by_country', count(*) filter (city is null or country is null) from emitted
union all select 'devices_by_user', count(*) filter (device is null or user is null) from emitted
union all select 'users_by_city', count(*) filter (city is null or user is null) from emitted
union all select 'top_users', count(*) filter (user is null) from emitted
union all select 'top_devices', count(*) filter (device is null) from emitted
union all select 'hours', count(*) filter (t is null) from emitted
union all select 'hours_of_all', count(*) filter (at_ms is null) from records
union all select 'durations', count(*) filter (duration is null) from emitted
union all select 'amounts', count(*) filter (amount is null) from emitted
union all select 'sum_of_units', count(*) filter (units is null) from emitted
union all select 'mean_of_units', count(*) filter (units is null) from emitted
union all select 'sum_of_amounts', count(*) filter (amount is null) from emitted
union all select 'german_mean', count(*) filter (amount is null) from emitted where german
union all select 'least_amount', count(*) filter (amount is null) from emitted
union all select 'greatest_amount', count(*) filter (amount is null) from records
union all select 'last_version', count(*) filter (device is null) from emitted
union all select 'first_time', count(*) filter (country is null or device_type is null) from emitted
union all select 'last_country', count(*) filter (city is null) from records;

--- not_kept: pairs
with cities as (
  select count(*) as n, row_number() over (partition by partition order by min(o)) as place
  from emitted where city is not null group by partition, city)
select 'first_cities', sum(n) from cities where place > 50;

--- emitted: value
select count(*) from emitted;
--- consumed: value
select count(*) from records;
--- filtered: value
select count(*) from records where outcome = 'filtered';
--- dead: value
select count(*) from records where outcome = 'dead_lettered';
--- android: value
select count(*) from emitted where android;

--- by_type: count_by
select device_type, count(*) from emitted where device_type is not null group by 1;
--- total: count_by
select device_type, count(*) from emitted where device_type is not null group by 1;
--- by_type_after: count_by
select lower(device_type), count(*) from emitted where device_type is not null group by 1;
--- by_version_and_type: count_by
select app_version, device_type, count(*) from emitted
where app_version is not null and device_type is not null group by 1, 2;
--- dead_by_version: count_by
select app_version, count(*) from records
where outcome = 'dead_lettered' and app_version is not null group by 1;
--- all_by_country: count_by
select country, count(*) from records where country is not null group by 1;
-- Of each partition the 50 that came first.
--- first_cities: count_by
with cities as (
  select city, count(*) as n, row_number() over (partition by partition order by min(o)) as place
  from emitted where city is not null group by partition, city)
select city, sum(n) from cities where place <= 50 group by 1;

--- cities: distinct
select count(distinct city) from emitted;
--- users: distinct
select count(distinct user) from emitted;
--- german_users: distinct
select count(distinct user) from emitted where german;
--- cities_by_country: distinct_by
select country, count(distinct city) from emitted
where country is not null and city is not null group by 1;
--- devices_by_user: distinct_by
select user, count(distinct device) from emitted
where user is not null and device is not null group by 1;
--- users_by_city: distinct_by
select city, count(distinct user) from emitted
where city is not null and user is not null group by 1;

-- In a partition offsets decide which value is the last; between partitions timestamps do, and
-- then the greater text.
--- top_users: top
with by_partition as (
  select user, partition, count(*) as n,
    arg_max(t_value, o) filter (t_value is not null) as last_t,
    arg_max(ts, o) filter (t_value is not null) as last_t_ts,
    arg_max(city_value, o) filter (city_value is not null) as last_city,
    arg_max(ts, o) filter (city_value is not null) as last_city_ts,
    arg_min(version_value, o) filter (version_value is not null) as first_version,
    arg_min(ts, o) filter (version_value is not null) as first_version_ts
  from emitted where user is not null group by user, partition)
select user, sum(n)::bigint as count,
  arg_max(last_t, (last_t_ts, last_t ->> '$')) as last_t,
  arg_max(last_city, (last_city_ts, last_city ->> '$')) as last_city,
  arg_max(first_version, (-first_version_ts, first_version ->> '$')) as first_app_version
from by_partition group by user order by 2 desc, 1 limit 20;
--- top_devices: top_with_errors
select device, count(*) from emitted where device is not null group by 1 order by 2 desc, 1;

--- hours: hours
select t // 3600 % 24, count(*) from emitted where t is not null group by 1;
--- hours_of_all: hours
select at_ms // 3_600_000 % 24, count(*) from records where at_ms is not null group by 1;

-- The nearest rank: p95 of 200 numbers is the 190th smallest.
--- durations: quantiles
with shares as (
  select unnest([0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999999]::decimal(9, 6)[]) as share),
ranked as (
  select duration, row_number() over (order by duration) as rank, count(*) over () as n
  from emitted where duration is not null)
select share, duration from shares join ranked on rank = ceil(share * n);
--- amounts: quantiles
with shares as (select unnest([0.1, 0.5, 0.9]::decimal(9, 6)[]) as share),
ranked as (
  select amount, row_number() over (order by amount) as rank, count(*) over () as n
  from emitted where amount is not null)
select share, amount from shares join ranked on rank = ceil(share * n);

--- sum_of_units: integer
select sum(units::hugeint) from emitted;
--- mean_of_units: fraction
select sum(exact(units)), count(units) from emitted;
--- sum_of_amounts: fraction
select sum(exact(amount)), 1 from emitted;
--- german_mean: fraction
select sum(exact(amount)), count(amount) from emitted where german;
--- least_amount: value
select min(amount) from emitted;
--- greatest_amount: value
select max(amount) from records;

--- last_version: edges
with by_partition as (
  select device, arg_max(version_value, o) as v, arg_max(ts, o) as ts
  from emitted where device is not null and version_value is not null group by device, partition)
select device, arg_max(v, (ts, v ->> '$')) from by_partition group by 1;
--- first_time: edges
with by_partition as (
  select country, device_type, arg_min(t_value, o) as v, arg_min(ts, o) as ts
  from emitted where country is not null and device_type is not null and t_value is not null
  group by country, device_type, partition)
select country, device_type, arg_max(v, (-ts, v ->> '$')) from by_partition group by 1, 2;
--- last_country: edges
with by_partition as (
  select city, arg_max(country_value, o) as v, arg_max(ts, o) as ts
  from records where city is not null and country_value is not null group by city, partition)
select city, arg_max(v, (ts, v ->> '$')) from by_partition group by 1;

--- w_type: window of count_by
select place, start, device_type, count(*) from w_type where counted and not late group by all;
--- w_type: books
from books_of('s_type', 'w_type', 3_600_000);
--- w_type: late
from late_of('w_type');

--- w_sum: window of fraction
select place, start, sum(exact(amount)), 1 from w_sum where counted and not late group by all;
--- w_sum: books
from books_of('s_sum', 'w_sum', 600_000);
--- w_sum: late
from late_of('w_sum');

--- w_users: window of distinct
select place, start, count(distinct user) from w_users where counted and not late group by all;
--- w_users: books
from books_of('s_users', 'w_users', 3_600_000);
--- w_users: late
from late_of('w_users');

--- w_top: window of top
with by_partition as (
  select place, start, user, partition, count(*) as n,
    arg_max(t_value, o) filter (t_value is not null) as v,
    arg_max(ts, o) filter (t_value is not null) as ts
  from w_top where counted and not late group by all),
by_user as (
  select place, start, user, sum(n)::bigint as count, arg_max(v, (ts, v ->> '$')) as last_t
  from by_partition group by all)
select * from by_user
qualify row_number() over (partition by place, start order by count desc, user) <= 3
order by place, start, count desc, user;
--- w_top: books
from books_of('s_top', 'w_top', 3_600_000);
--- w_top: late
from late_of('w_top');

--- w_durations: window of quantiles
with shares as (select unnest([0.5, 0.9]::decimal(9, 6)[]) as share),
ranked as (
  select place, start, duration, row_number() over (w order by duration) as rank,
    count(*) over w as n
  from w_durations where counted and not late window w as (partition by place, start))
select place, start, share, duration from shares join ranked on rank = ceil(share * n);
--- w_durations: books
from books_of('s_durations', 'w_durations', 3_600_000);
--- w_durations: late
from late_of('w_durations');

--- w_count: window of value
select place, start, count(*) from w_count where not late group by all;
--- w_count: books
from books_of('s_count', 'w_count', 3_600_000);
--- w_count: late
from late_of('w_count');

--- w_last: window of edges
with by_partition as (
  select place, start, device_type, partition, arg_max(version_value, o) as v,
    arg_max(ts, o) as ts
  from w_last where counted and not late and version_value is not null group by all)
select place, start, device_type, arg_max(v, (ts, v ->> '$')) from by_partition group by all;
--- w_last: books
from books_of('s_last', 'w_last', 3_600_000);
--- w_last: late
from late_of('w_last');

--- w_users_by: window of distinct_by
select place, start, device_type, robot, count(distinct user) from w_users_by
where counted and not late group by all;
--- w_users_by: books
from books_of('s_users_by', 'w_users_by', 3_600_000);
--- w_users_by: late
from late_of('w_users_by');

--- w_max: window of value
select place, start, max(amount) from w_max where counted and not late group by all;
--- w_max: books
from books_of('s_max', 'w_max', 3_600_000);
--- w_max: late
from late_of('w_max');

--- w_hours: window of hours
select place, start, ms // 3_600_000 % 24, count(*) from w_hours where counted and not late
group by all;
--- w_hours: books
from books_of('s_hours', 'w_hours', 3_600_000);
--- w_hours: late
from late_of('w_hours');
