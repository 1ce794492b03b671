# tests/flows/reports_count.py FILE GCXRECORDS [CONNINFO] - fills the records' tables in a SQLite file with random rows,
# and holds each report against a slow count of these rows. With CONNINFO the same rows are in a PostgreSQL already:
# there each report says the same, byte for byte. --fill FILE only fills, and prints what gives psql the same rows.
import bisect, csv, io, json, os, random, re, sqlite3, subprocess, sys
from datetime import date, datetime, timedelta, timezone
from math import exp, lgamma, log
from zoneinfo import ZoneInfo

FILL = sys.argv[1] == '--fill'
FILE, SEED = sys.argv[2 if FILL else 1], int(os.environ.get('GCX_SEED') or 1)
ZONE = 'Europe/Berlin'
HERE = ZoneInfo(ZONE)
# Both days on which the clocks change, a Sunday each, with the days around them.
SPANS = [(date(2026, 3, 28), date(2026, 3, 30)), (date(2026, 10, 24), date(2026, 10, 26))]
NAMES = ['sales', 'service, "best"', '=cmd|x!A1', '-1', 'naïve \u202e', "'; DROP TABLE offers;--", '%s%n', 'a\nb', None]
PEOPLE = ['7001', '7002', 'Ümit', '@anna', None]
TEAMS = ['paris', '@lyon', None]
say = print
failed = 0

def fail(text):
    global failed
    failed += 1
    if failed < 10: say('FAIL:', text)

def moment(at): return datetime.fromtimestamp(at, timezone.utc).strftime('%Y-%m-%d %H:%M:%S') + '.000'

def fill(db):
    draw = random.Random(SEED)
    count, lines = {}, {}
    copied = lambda value: r'\N' if value is None else str(value).replace('\\', r'\\').replace('\n', r'\n').replace('\t', r'\t')
    def put(table, **row):
        count[table] = count.get(table, 0) + 1
        row = {'journal': draw_journal, 'batch': 10 ** 6 + count[table], 'n': 0, **row}
        db.execute(f"insert into {table}({','.join(row)}) values({','.join('?' * len(row))})", list(row.values()))
        lines.setdefault(f"{table}({','.join(row)})", []).append('\t'.join(map(copied, row.values())))
    for number in range(900):
        draw_journal = draw.choice([1, 2])
        first, last = draw.choice(SPANS)
        day = datetime(first.year, first.month, first.day, tzinfo=timezone.utc).timestamp()
        # Some are before or behind the days that are asked for, and many in the hours in which the clocks change.
        at = day + draw.choice([draw.randrange(-7200, 4 * 86400), 86400 + draw.randrange(3 * 3600)])
        quarter, ixn = moment(at - at % 900), str(number // 2 if draw.random() < .3 else number)
        if draw.random() < .8 and not db.execute('select 1 from interactions where journal = ? and ixn = ?', (draw_journal, ixn)).fetchone():
            put('interactions', ixn=ixn, quarter=quarter, strategy=draw.choice(['main', 'night', None]), version=draw.choice(['0f', '9e', None]),
                media=draw.choice(['voice', 'chat', 'callback']), call_type=draw.choice(['inbound', 'consult', 'outbound']),
                received=moment(at), answered=draw.choice([moment(at + 5), None]), answered_ms=draw.choice([5000, None]), ended_ms=9000,
                campaign=draw.choice([None, 'spring', '=1+1']),
                result=draw.choice(['ok', 'abandoned', 'busy', 'no_answer', 'machine', 'silence', None]))
        for _ in range(draw.choice([0, 1, 1, 2])):
            put('vq_visits', ixn=ixn, quarter=quarter, vq=draw.choice(NAMES), agent=draw.choice(PEOPLE), team=draw.choice(TEAMS), entered=moment(at),
                outcome=draw.choice(['distributed', 'distributed', 'abandoned', 'cleared']),
                waited_ms=draw.choice([0, 4999, 5000, 10000, 10001, 20000, 20001, 30000, 30001, 60000, 60001, draw.randrange(900000)]))
            ring, handle = draw.choice([None, 900, 30000]), draw.choice([None, 1000, draw.randrange(3600000)])
            put('offers', ixn=ixn, quarter=quarter, vq=draw.choice(NAMES), agent=draw.choice(PEOPLE), team=draw.choice(TEAMS), made=moment(at), ended=moment(at + draw.randrange(4)), ring_ms=ring, handle_ms=handle,
                outcome=draw.choice(['answered', 'answered', 'no_answer', 'declined', 'unanswered', 'withdrawn', 'unreached', 'abandoned', 'released']))
            for _ in range(draw.randrange(3)): put('parties', ixn=ixn, agent=draw.choice(PEOPLE), team=draw.choice(TEAMS), role=draw.choice(['agent', 'agent', 'agent', 'agent', 'customer']),
                    established=draw.choice([moment(at), moment(at), None]), ended=moment(at + draw.randrange(4)))
            put('wrapups', ixn=ixn, quarter=quarter, at=moment(at), conn=draw.choice([f'c{number // 3}'] * 3 + [None]), agent=draw.choice(PEOPLE), team=draw.choice(TEAMS), code=draw.choice(['sold', '+more', None]))
            put('judgements', ixn=ixn, quarter=quarter, at=moment(at), answer=ixn, vq=draw.choice(NAMES), mark=draw.randrange(1, 6), ms=1000)
            put('agent_times', quarter=quarter, agent=draw.choice(PEOPLE), team=draw.choice(TEAMS), reason=draw.choice(['lunch', '=2+2', None]), ms=draw.randrange(900000),
                state=draw.choice(['ready', 'not_ready', 'after_call_work', 'logged_in']))
            put('steps', ixn=ixn, step=draw.choice(['callback.keep_place', 'select']), exit=draw.choice(['done', 'left', 'refused']))
    # Fourteen weeks of a small queue, before and after a change of the clocks, for forecasts.
    draw_journal = 1
    for day in (date(2024, 8, 1) + timedelta(days=i) for i in range(98)):
        for _ in range(round(draw.gauss(20 - 3 * day.weekday(), 3)) if day.weekday() < 6 else 2):
            at = instant(day) + draw.choice([draw.randrange(9, 17), 2, 3]) * 3600 + draw.randrange(3600)
            put('vq_visits', ixn='f', quarter=moment(at - at % 900), vq='small', outcome='distributed', waited_ms=0)
    db.commit()
    for table, rows in lines.items(): print(f'COPY {table} FROM STDIN;', *rows, r'\.', sep='\n')

# ---- the slow count ----

def rows_of(db, table):
    db.row_factory = sqlite3.Row
    return [dict(row) for row in db.execute(f'select * from {table}')]

def instant(day): return int(datetime(day.year, day.month, day.day, tzinfo=HERE).timestamp())

def periods(by, first, last):
    """The beginning and the label of each period, and a function that finds a moment's."""
    begins, ends, starts = instant(first), instant(last + timedelta(days=1)), []
    if by in ('quarter', 'hour'):
        step = 900 if by == 'quarter' else 3600 # whole hours lie between UTC and this zone
        starts = list(range(begins, ends, step))
        label = lambda at: datetime.fromtimestamp(at, HERE).strftime('%Y-%m-%d %H:%M')
    else:
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        starts = [instant(day) for day in days if by == 'day' or day == first or (by == 'week' and day.weekday() == 0)]
        label = lambda at: datetime.fromtimestamp(at, HERE).strftime('%Y-%m-%d')
    return starts, label, lambda at: starts[bisect.bisect_right(starts, at) - 1] if begins <= at < ends else None

def seconds(text): return int(datetime.strptime(text, '%Y-%m-%d %H:%M:%S.%f').replace(tzinfo=timezone.utc).timestamp())

class Slow:
    """Each method gives for every raw row its quarter, its columns, and what it adds to the figures."""
    def __init__(self, db):
        self.t = {table: rows_of(db, table) for table in ('interactions', 'vq_visits', 'offers', 'agent_times', 'parties', 'wrapups', 'steps', 'judgements')}
        self.served = {(i['journal'], i['ixn']): i for i in self.t['interactions']}
    def by(self, row):
        i = self.served.get((row['journal'], row['ixn']), {})
        return {'strategy': i.get('strategy'), 'version': i.get('version')}
    def visits(self, figures):
        for v in self.t['vq_visits']:
            yield v['quarter'], {'queue': v['vq'], 'agent': v['agent'], 'team': v['team'], **self.by(v)}, figures(v, v['outcome'], v['waited_ms'])
    def service_level(self):
        return self.visits(lambda v, o, w: {'offered': 1, 'answered': o == 'distributed', 'abandoned': o == 'abandoned', 'cleared': o == 'cleared',
            **{f'within_{s}s': o == 'distributed' and w <= s * 1000 for s in (10, 20, 30, 60)}})
    def satisfaction(self):
        chosen = {}
        for v in sorted(self.t['vq_visits'], key=lambda v: (v['batch'], v['n'])):
            if v['agent'] is not None: chosen[(v['journal'], v['ixn'], v['vq'])] = v
        for j in self.t['judgements']:
            v = chosen.get((j['journal'], j['ixn'], j['vq']), {}) if j['vq'] is not None else {}
            yield j['quarter'], {'queue': j['vq'], 'agent': v.get('agent'), 'team': v.get('team'), **self.by(j)}, {'judged': 1,
                'satisfied': j['mark'] > 3, 'unsatisfied': j['mark'] < 3, 'undecided': j['mark'] == 3, 'marks': j['mark']}
    def abandonment(self):
        return self.visits(lambda v, o, w: {'offered': 1, 'abandoned': o == 'abandoned', 'within_5s': o == 'abandoned' and w < 5000,
            'abandoned_ms': w * (o == 'abandoned'), 'longest_ms': w * (o == 'abandoned')})
    def waits(self):
        return self.visits(lambda v, o, w: {'offered': 1, 'wait_ms': w, 'longest_ms': w, 'answered': o == 'distributed',
            'answered_wait_ms': w * (o == 'distributed')})
    def handling(self):
        for o in self.t['offers']:
            done, missed = o['outcome'] == 'answered', o['outcome'] in ('no_answer', 'unanswered', 'declined')
            ring, handle = ((o[c] or 0) * done for c in ('ring_ms', 'handle_ms'))
            yield o['quarter'], {'queue': o['vq'], 'agent': o['agent'], 'team': o['team'], **self.by(o)}, {'offered': 1, 'answered': done, 'missed': missed,
                'other': not done and not missed, 'rang': done and o['ring_ms'] is not None, 'ring_ms': ring, 'handle_ms': handle, 'longest_ms': handle}
    def occupancy(self):
        for t in self.t['agent_times']:
            ms, state = t['ms'], t['state']
            yield t['quarter'], {'agent': t['agent'], 'team': t['team']}, {'login_ms': ms, 'ready_ms': ms * (state == 'ready'), 'not_ready_ms': ms * (state == 'not_ready'),
                'after_call_ms': ms * (state == 'after_call_work'), 'work_ms': ms * (state == 'after_call_work'), 'open_ms': ms * (state in ('ready', 'after_call_work'))}
        for o in self.t['offers']:
            busy = o['handle_ms'] or 0
            if o['outcome'] == 'answered': yield o['quarter'], {'agent': o['agent'], 'team': o['team']}, {'busy_ms': busy, 'work_ms': busy}
    def transfers(self):
        spoke, in_call = [p for p in self.t['parties'] if p['role'] == 'agent' and p['agent'] and p['established']], {}
        for p in spoke: in_call.setdefault((p['journal'], p['ixn']), []).append(p)
        for p in spoke:
            i = self.served.get((p['journal'], p['ixn']))
            if not i: continue
            later = any(q['agent'] != p['agent'] and q['ended'] > p['ended'] for q in in_call[p['journal'], p['ixn']])
            consult = i['call_type'] == 'consult'
            yield i['quarter'], {'agent': p['agent'], 'team': p['team'], **self.by(p)}, {'handled': not consult, 'consulted': consult, 'transferred': later and not consult}
        calls, had = {(p['journal'], p['ixn']) for p in self.t['parties']}, {}
        for o in self.t['offers']:
            if o['outcome'] == 'answered' and o['agent'] and (o['journal'], o['ixn']) not in calls: had.setdefault((o['journal'], o['ixn']), []).append(o)
        for one, all in had.items():
            for o in all if one in self.served else []: yield self.served[one]['quarter'], {'agent': o['agent'], 'team': o['team'], **self.by(o)}, {'handled': 1,
                'transferred': any(q['agent'] != o['agent'] and q['ended'] > o['ended'] for q in all)}
    def reasons(self):
        for t in self.t['agent_times']:
            if t['state'] == 'not_ready': yield t['quarter'], {'reason': t['reason'], 'agent': t['agent'], 'team': t['team']}, {'not_ready_ms': t['ms']}
    def wrapups(self):
        last = {}
        for w in sorted(self.t['wrapups'], key=lambda w: (w['batch'], w['n'])):
            last[(w['journal'], *([w['conn']] if w['conn'] else ['', w['ixn']]), w['agent']) if w['agent'] else object()] = w # a null is like no other
        for w in last.values():
            if w['code']: yield w['quarter'], {'code': w['code'], 'agent': w['agent'], 'team': w['team'], **self.by(w)}, {'calls': 1}
    def campaigns(self):
        for i in self.t['interactions']:
            r = i['result']
            kind = 'answered' if r in ('ok', 'abandoned') else r if r in ('busy', 'no_answer', 'machine') else 'other'
            if i['campaign']: yield i['quarter'], {'campaign': i['campaign'], **self.by(i)}, {'begun': 1, 'abandoned': r == 'abandoned', kind: 1}
    def callbacks(self):
        kept = {(s['journal'], s['ixn']) for s in self.t['steps'] if s['step'] == 'callback.keep_place' and s['exit'] == 'done'}
        for i in self.t['interactions']:
            booked = i['media'] == 'callback'
            if booked or (i['journal'], i['ixn']) in kept: yield i['quarter'], {'kind': 'booked' if booked else 'kept', **self.by(i)}, {'offered': 1,
                'answered': i['answered'] is not None, 'unanswered': i['answered'] is None, 'answer_ms': i['answered_ms'] or 0}

def quantile(mean, excess, part):
    """The smallest number that `part` of a negative binomial distribution does not exceed; of Poisson's without excess."""
    r, n, below = 1 / excess if excess > 1e-9 else 0, 0, 0
    while mean > 0:
        below += exp(lgamma(n + r) - lgamma(r) - lgamma(n + 1) + r * log(r / (r + mean)) + n * log(mean / (r + mean)) if r
                     else n * log(mean) - mean - lgamma(n + 1))
        if below >= part: break
        n += 1
    return n

def expected(db, day, today):
    """A forecast of the queue `small`, slowly: the calls of each quarter, and the errors of the method and its rivals."""
    came, times = {}, {}
    for at in range(instant(date(2024, 8, 1)), instant(today), 900):
        local = datetime.fromtimestamp(at, HERE)
        times[local.date(), local.hour * 4 + local.minute // 15] = times.get((local.date(), local.hour * 4 + local.minute // 15), 0) + 1
    for (quarter,) in db.execute("select quarter from vq_visits where vq = 'small'"):
        local = datetime.fromtimestamp(seconds(quarter), HERE)
        came[local.date(), local.hour * 4 + local.minute // 15] = came.get((local.date(), local.hour * 4 + local.minute // 15), 0) + 1
    a, t, slots, back = lambda d, q: came.get((d, q), 0), lambda d, q: times.get((d, q), 0), range(96), lambda d, n: d - timedelta(days=n)
    def of(day, known):
        days = [back(day, 7 * i) for i in range(1, 40) if back(day, 7 * i) <= known and back(day, 7 * i) >= date(2024, 8, 1)][:8]
        sums = [sum(a(back(known, i), q) for i in range(56)) for q in slots]
        smooth = [(sums[max(q - 1, 0)] + 2 * sums[q] + sums[min(q + 1, 95)]) / 4 for q in slots]
        total = sum(a(d, q) for d in days for q in slots) / len(days)
        part = [total * s / sum(smooth) for s in smooth]
        k = [16 / (1 + p / 10) for p in part]
        mean = lambda these, q: sum(a(d, q) for d in these) / max(1, sum(t(d, q) for d in these))
        own = [(sum(a(d, q) for d in days) + k[q] * part[q]) / (sum(t(d, q) for d in days) + k[q]) for q in slots]
        totals = [sum(a(d, q) for q in slots) for d in days]
        excess = max(0, (sum((x - total) ** 2 for x in totals) / max(1, len(days) - 1) - total) / total ** 2) if len(days) > 1 else 0
        return (own, [mean(days, q) for q in slots], [mean(days[:1], q) for q in slots]), excess
    ahead, errors, calls, tried, held = (day - today).days + 1, [0, 0, 0], 0, 0, 0
    for d in (back(today, i) for i in range(1, 29)):
        calls += sum(a(d, q) for q in slots)
        all_means, excess = of(d, back(d, ahead))
        for i, means in enumerate(all_means): errors[i] += sum(abs(a(d, q) - t(d, q) * means[q]) for q in slots)
        for q in slots:
            mean = t(d, q) * all_means[0][q]
            if mean < .05: continue
            tried += 1
            held += quantile(mean, excess, .1) <= a(d, q) <= quantile(mean, excess, .9)
    all_means, excess = of(day, back(today, 1))
    return all_means[0], excess, [round(100 * e / calls, 1) for e in errors], round(100 * held / tried, 1)

def forecasts(db, gcxrecords, target):
    # The second day is one on which an hour comes twice, and so does its forecast.
    for day in (date(2024, 11, 4), date(2024, 10, 27)):
        means, excess, errors, held = expected(db, day, day)
        words = [gcxrecords, 'forecast', 'small', target, '--day', str(day), '--zone', ZONE]
        told = json.loads(subprocess.run(words + ['--json'], capture_output=True).stdout)
        if any(abs(e['quarter_percent'] - error) > .11 for e, error in zip(told['errors'].values(), errors)): fail(f'errors of {day}: {told["errors"]}, not {errors}')
        for row in told['rows']:
            slot = int(row['quarter'][11:13]) * 4 + int(row['quarter'][14:16]) // 15
            if abs(row['calls'] - means[slot]) > .0051: fail(f'{row} of {day}: not {means[slot]}')
            if (row['low'], row['high']) != (quantile(means[slot], excess, .1), quantile(means[slot], excess, .9)): fail(f'{row}: the interval')
        if abs(told['held_percent'] - held) > .11: fail(f'the intervals of {day} held {told["held_percent"]}, not {held}')
        table = subprocess.run(words, capture_output=True).stdout.decode()
        off, by = re.search(r'this method +([0-9.]+) % by quarter', table), re.search('Low to high held ([0-9]+) of 100', table)
        if not off or not by or abs(float(off[1]) - errors[0]) > .11 or abs(int(by[1]) - held) > .61: fail(f'the table of {day}: {table}')
        open_slots = [q for q in range(96) if means[q] >= .005]
        if [row['quarter'][11:] for row in (told['rows'][0], told['rows'][-1])] != [f'{q // 4:02}:{q % 4 * 15:02}' for q in (open_slots[0], open_slots[-1])]:
            fail(f'the working day of {day}: {told["rows"][0]} to {told["rows"][-1]}')
        if len({r['utc'] for r in told['rows']}) != len(told['rows']) or len(told['rows']) < 30: fail(f'rows of {day}')
        profile = subprocess.run(words + ['--profile'], capture_output=True).stdout.decode().split('\n')
        if len(told['rows']) != len(profile) - 2 or any(abs(r['calls'] - float(line.split(',')[1])) > .0056 for r, line in zip(told['rows'], profile[1:])):
            fail('the profile is another forecast')
        at = int(profile[1][:2]) * 3600 + int(profile[1][3:5]) * 60
        begins = datetime.strptime(profile[0].split()[-1], '%Y-%m-%d').replace(tzinfo=timezone.utc) + timedelta(seconds=at)
        if begins.strftime('%Y-%m-%dT%H:%M:%SZ') != told['rows'][0]['utc']: fail(f'the profile begins {begins}')

MOST = {'longest_ms'}
RATES = {'level_20s': ('%', 'within_20s', 'offered'), 'abandoned_percent': ('%', 'abandoned', 'offered'), 'patience_ms': ('/', 'abandoned_ms', 'abandoned'),
         'mean_wait_ms': ('/', 'wait_ms', 'offered'), 'mean_answer_ms': ('/', 'answered_wait_ms', 'answered'),
         'mean_ring_ms': ('/', 'ring_ms', 'rang'), 'mean_handle_ms': ('/', 'handle_ms', 'answered'), 'occupancy': ('%', 'work_ms', 'open_ms'),
         'satisfied_percent': ('%', 'satisfied', 'judged'), 'average': ('.', 'marks', 'judged'), 'transferred_percent': ('%', 'transferred', 'handled')}
OTHER_RATES = {('campaigns', 'answered_percent'): ('%', 'answered', 'begun'), ('campaigns', 'abandoned_percent'): ('%', 'abandoned', 'answered'),
               ('callbacks', 'answered_percent'): ('%', 'answered', 'offered'), ('callbacks', 'mean_answer_ms'): ('/', 'answer_ms', 'answered')}
BALANCES = {'satisfaction': lambda f: f['judged'] == f['satisfied'] + f['unsatisfied'] + f['undecided'],
            'service_level': lambda f: f['offered'] == f['answered'] + f['abandoned'] + f['cleared'],
            'handling': lambda f: f['offered'] == f['answered'] + f['missed'] + f['other'],
            'campaigns': lambda f: f['begun'] == f['answered'] + f['busy'] + f['no_answer'] + f['machine'] + f['other'],
            'callbacks': lambda f: f['offered'] == f['answered'] + f['unanswered']}
THINGS = {'reasons': 'reason', 'wrapups': 'code', 'campaigns': 'campaign', 'callbacks': 'kind'}
REPORTS = [line.split('(')[1].split(',')[0] for line in open(os.environ['top_srcdir'] + '/runtime/reports/reports.def') if line.startswith('REPORT(')]
PER = {report: [line.split(',')[1].strip() for line in open(os.environ['top_srcdir'] + '/runtime/reports/reports.def') if line.startswith(f'PER({report},')] for report in REPORTS}

def counted(slow, report, by, of, first, last):
    starts, label, find = periods(by, first, last)
    sums, keys = {}, set()
    for quarter, columns, figures in getattr(slow, report)():
        at = find(seconds(quarter))
        if at is None: continue
        key = tuple((columns[c] or '') for c in (THINGS.get(report), of) if c)
        keys.add(key)
        here = sums.setdefault((at, key), {})
        for name, value in figures.items():
            here[name] = max(here.get(name, 0), value) if name in MOST else here.get(name, 0) + int(value)
    return starts, label, keys, sums

def asked(gcxrecords, target, *words):
    run = subprocess.run([gcxrecords, 'report', *words[:1], target, *words[1:]], capture_output=True)
    if run.returncode != 0: fail(f'{words}: {run.stderr.decode()}')
    return run.stdout.decode()

def finds(db, gcxrecords, targets):
    """Pages of `find` have each interaction of the days once, newest first; what is asked for beside names, too."""
    first, last = SPANS[0]
    place = "received || '/' || journal || '/' || batch || '/' || n"
    of_days = db.execute(f"select ixn, {place} from interactions where quarter >= ? and quarter < ? order by received desc, journal desc, batch desc, n desc", (moment(instant(first)), moment(instant(last + timedelta(days=1))))).fetchall()
    if len(of_days) <= 200: fail('find: there is one page only')
    def pages(target, *words):
        run = subprocess.run([gcxrecords, 'find', target, '--from', str(first), '--to', str(last), '--zone', ZONE, *words], capture_output=True)
        if run.returncode: fail(f'find {words}: {run.stderr.decode()}')
        return json.loads(run.stdout) if run.returncode == 0 else {'interactions': [], 'more': False, 'next': ''}
    named, among = sorted({row[0] for row in of_days[::9]})[:40], sorted({row[0] for row in of_days[::2]})[:150]
    beside = ['--of', '\n'.join(named), '--among', '\n'.join(among)]
    for target in targets:
        got, words = [], []
        while answer := pages(target, *words):
            got += [row['ixn'] for row in answer['interactions']]
            if answer['more'] != (answer['next'] != of_days[-1][1]): fail(f"find: more is {answer['more']} at {answer['next']}")
            if not answer['more']: break
            words = ['--next', answer['next']]
        if got != [row[0] for row in of_days]: fail(f'find: {len(got)} rows, not the {len(of_days)} of the days')
        if [row['ixn'] for row in pages(target, *beside)['interactions']] != [row[0] for row in of_days if row[0] in named + among]: fail('find: other rows of names, and beside them')
        if [row['ixn'] for row in pages(target, *beside, '--next', of_days[-1][1])['interactions']] != [row[0] for row in of_days if row[0] in among and row[0] not in named]: fail('find: other rows beside names that are behind the place')

def cell(text): return "'" + text if text[:1] in ('=', '+', '-', '@') else text

def check(slow, report, by, of, first, last, output):
    starts, label, keys, sums = counted(slow, report, by, of, first, last)
    rows = list(csv.DictReader(io.StringIO(output, newline='')))
    texts = [c for c in (THINGS.get(report), of) if c]
    seen = {}
    for row in rows:
        at = int(datetime.strptime(row['utc'], '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc).timestamp())
        head = next(iter(row))
        if row[head] != label(at): fail(f'{report} by {by}: the period is called {row[head]}, not {label(at)}')
        seen[at, tuple(row[c] for c in texts)] = row
    wanted = {(at, tuple(map(cell, key))): sums.get((at, key), {}) for at in starts for key in keys}
    if len(seen) != len(rows): fail(f'{report} by {by} of {of}: a row stands twice')
    if set(seen) != set(wanted): fail(f'{report} by {by} of {of}: other rows: {list(set(seen) ^ set(wanted))[:3]}')
    for key in set(seen) & set(wanted):
        row, figures = seen[key], wanted[key]
        for name in row:
            if name in texts or name == 'utc' or name == next(iter(row)): continue
            if rate := OTHER_RATES.get((report, name)) or RATES.get(name):
                kind, over, under = rate
                o, u = figures.get(over, 0), figures.get(under, 0)
                want = '' if u == 0 else str(o // u) if kind == '/' else f'{(200 * o + u) // (2 * u) / 100:.2f}' if kind == '.' else f'{(2000 * o + u) // (2 * u) / 10:.1f}'
            else: want = str(int(figures.get(name, 0)))
            if row[name] != want: fail(f'{report} by {by} of {of}, {key}: {name} is {row[name]}, not {want}')
        if report in BALANCES and not BALANCES[report]({n: int(v) for n, v in row.items() if v.lstrip('-').isdigit()}): fail(f'{report}: the books of {key} do not balance')
    return len(rows)

def main():
    db = sqlite3.connect(FILE)
    if FILL: return fill(db)
    slow, gcxrecords, target, rows = Slow(db), sys.argv[2], 'sqlite:' + FILE, 0
    draw = random.Random(SEED)
    for report in REPORTS:
        if not list(getattr(slow, report)()): fail(f'{report}: the tables have nothing for it')
        # Each way to divide and each length of period come with some report; all of them with the first one.
        lengths, per = draw.sample(['quarter', 'hour', 'day', 'week', 'total'], 5), PER[report] + [None] * 5
        turn = REPORTS.index(report)
        ways = list(zip(lengths, per[:5])) if turn == 0 else [(lengths[0], per[turn % len(PER[report])]), (lengths[1], per[(turn + 1) % len(PER[report])]), (lengths[2], None)]
        for number, (by, of) in enumerate(ways):
            first, last = SPANS[number % 2]
            words = [report, '--from', str(first), '--to', str(last), '--zone', ZONE, '--by', by] + (['--of', of] if of else [])
            output = asked(gcxrecords, target, *words, '--csv')
            rows += check(slow, report, by, of, first, last, output)
            if report == 'service_level' and number == 0: # a bound of one's own, and one that the report has already
                within = list(csv.DictReader(io.StringIO(asked(gcxrecords, target, *words, '--csv', '--within', '5'), newline='')))
                if asked(gcxrecords, target, *words, '--csv', '--within', '20') != output: fail('--within 20 is another report')
                slow_sum = sum(v['outcome'] == 'distributed' and v['waited_ms'] <= 5000 and periods('quarter', first, last)[2](seconds(v['quarter'])) is not None for v in slow.t['vq_visits'])
                if sum(int(row['within_5s']) for row in within) != slow_sum or not slow_sum: fail(f'--within 5: not {slow_sum}')
                if any(row['level_5s'] != (f"{(2000 * int(row['within_5s']) + int(row['offered'])) // (2 * int(row['offered'])) / 10:.1f}" if int(row['offered']) else '') for row in within): fail('level_5s')
                if [{n: row[n] for n in row if n not in ('within_5s', 'level_5s')} for row in within] != list(csv.DictReader(io.StringIO(output, newline=''))): fail('--within changes the other figures')
            if number < 2 and len(sys.argv) > 3 and output != asked(gcxrecords, sys.argv[3], *words, '--csv'): fail(f'{words}: PostgreSQL says something else')
        if len(json.loads(asked(gcxrecords, target, *words, '--json'))['rows']) != output.count('\r\n') - 1: fail(f'{report}: JSON has other rows')
        table = asked(gcxrecords, target, *words)
        count = lambda name: sum(int(row[name]) for row in csv.DictReader(io.StringIO(output, newline='')))
        if len(table.splitlines()) != output.count('\r\n') + (output.count('\r\n') != 2): fail(f'{report}: the table has {len(table.splitlines())} lines')
        last, heads = table.splitlines()[-1].split(), table.splitlines()[0].split()
        for name in heads: # from the right: the texts of the last line are empty
            if name in ('offered', 'answered', 'handled', 'begun', 'calls') and ((last[0] == 'all') == (output.count('\r\n') == 2) or int(last[heads.index(name) - len(heads)]) != count(name)):
                fail(f'{report}: the last line is {last}, and {name} are {count(name)}')
        if '\u202e' in table: fail('a sign that turns the text stands on the screen')
    forecasts(db, gcxrecords, target)
    finds(db, gcxrecords, [target, *sys.argv[3:]])
    say(f'{len(REPORTS)} reports, {rows} rows')
    return failed

sys.exit(main())
