#!/bin/sh
# Fails where a new part, kind of timer, fact, step, medium, event, statistic, command of gcxctl or plugin needs more than
# CONTRIBUTING says: adds one of each to a scratch tree by exactly that, builds there what has them, and runs a strategy's
# test that comes to all that the core has, gcxctl for its command, and gcxvm for the plugin's settings.
# The tree's files are links, but for those that are changed; the build is a copy without what is made for tests.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this
top=$(cd "$top_srcdir" && pwd) build=$(cd "$top_builddir" && pwd)
(cd "$top" && automake --version) >/dev/null 2>&1 || { echo "rows: a new file needs automake, which is not here"; exit 77; }
grep -q "^srcdir = \.\.$" "$build/Makefile" || { echo "rows: the build is in no folder of the tree"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-rows-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
tree=$dir/tree
mkdir "$tree" "$tree/build"
for entry in "$top"/* "$top"/.gitignore; do
    [ -e "$entry/config.status" ] || [ ! -e "$entry" ] || cp -rs "$entry" "$tree/" || exit 1
done
# What the build itself writes is a copy.
for file in Makefile.in configure aclocal.m4 config.h.in runtime/core/sources.mk compiler/sources.mk \
    compiler/cli/sources.mk compiler/lsp/sources.mk compiler/import/sources.mk; do
    cp -p --remove-destination "$top/$file" "$tree/$file" || exit 1
done
rm -rf "$tree/autom4te.cache"
(cd "$build" && tar cf - --exclude='./tests/*/*' --exclude=./man --exclude='*.log' .) | tar xf - -C "$tree/build" || exit 1
(cd "$build" && find tests -name .deps | tar cf - -T -) | tar xf - -C "$tree/build" || exit 1
# What it knows by whole paths is in the scratch tree, too.
sed -i "s#$build/\.\.#$tree#g; s#$build#$tree/build#g; s#$top#$tree#g" "$tree/build/config.status" "$tree/build/Makefile" "$tree/build/libtool"
touch -r "$build/config.status" "$tree/build/config.status"
touch -r "$build/Makefile" "$tree/build/Makefile"

row() { # FILE ROW: adds the row to the end of the table, where its macros are forgotten
    rm -f "$tree/$1" && row=$2 awk '!done && /^#(undef|ifndef MORE)/ { print ENVIRON["row"]; done = 1 } 1; END { if (!done) print ENVIRON["row"] }' \
        "$top/$1" >"$tree/$1" || exit 1
}

# A part, and a kind of timer that it owns.
row runtime/core/base/parts.def 'PART(samples, samples, OWN)'
row runtime/core/base/timers.def 'TIMER(SAMPLE, sample, samples, OWN)'
cat >"$tree/runtime/core/queues/sample.c" <<'END'
#include <stdio.h>

#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/timer.h"

struct samples {
    struct timers *timers;
    uint32_t timer;
};

static void sample_init(void *self, const struct parts *parts)
{
    struct samples *samples = self;
    fputs("sample: the part begins\n", stderr);
    samples->timers = parts->timers;
    timer_set(samples->timers, &(struct timer){.kind = TIMER_SAMPLE}); /* due at once */
}

static uint64_t sample_hash(const void *self)
{
    return ((const struct samples *)self)->timer;
}

static void sample_hear(void *self, const struct fact *fact)
{
    (void)self;
    if (fact->what == FACT_sample) fputs("sample: the fact is heard\n", stderr);
}

const struct part_ops part_ops_samples = {.size = sizeof(struct samples), .init = sample_init, .hash = sample_hash, .hear = sample_hear};

static uint32_t *sample_handle(void *self, const struct timer *timer)
{
    (void)timer;
    return &((struct samples *)self)->timer;
}

static uint64_t sample_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data;
}

static void sample_fired(void *self, const struct timer *timer)
{
    (void)self;
    (void)timer;
    fputs("sample: the timer has fired\n", stderr);
}

const struct timer_ops timer_ops_sample = {sample_handle, sample_number, sample_fired, NULL};
END

# A fact, which the part hears and the step tells.
number=$(cat "$top"/runtime/core/base/facts_[iqso]*.def | grep -c '^FACT(')
row runtime/core/base/facts_owner.def "FACT(sample, $number, \"the step sample.wait has begun\")
PASSED(sample)"

# A statistic, which that fact feeds.
row vm/measures.def 'MEASURE(sampled, STRATEGY, COUNT, OVER, 0, "steps sample.wait that it began")'
cp --remove-destination "$top/runtime/core/statistics/statistics.def" "$tree/runtime/core/statistics/statistics.def" || exit 1
sed -i '0,/^#undef COUNTED/s//PASSED(sampled, sample)\n&/' "$tree/runtime/core/statistics/statistics.def"

# A step.
row vm/steps.def 'STEP(sample_wait, "sample.wait", 120, ALL, NOTHING, STEP_TIMEOUT_NONE, CORE, 0, 0, 1, sample, "is there")
END_STEP(sample_wait)'
cat >"$tree/runtime/core/steps/sample.c" <<'END'
#include <stdio.h>

#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"

static struct step_outcome sample_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)fiber;
    (void)ref;
    fputs("sample: the step begins\n", stderr);
    interaction_tell(core->interactions, ix, FACT_sample, 0, 0);
    return step_done(0);
}

const struct step_ops step_ops_sample = {.begin = sample_begin};
END

# A medium of the product that applications submit, letters: three rows, its word in the sets of texts and of what has a
# subject, and no file. The file of a medium is named by its row: here it is that of calls, so that one arrives. A site's
# own medium is a row of the site, sheets below.
for table in runtime/vocabulary/enums.def runtime/vocabulary/media.def runtime/core/media/media.def vm/media_sets.def; do
    cp --remove-destination "$top/$table" "$tree/$table" || exit 1
done
sed -i 's/V(media, work, 11)/& V(media, letter, 16)/' "$tree/runtime/vocabulary/enums.def"
sed -i '/^MEDIA_SET(\(TEXT\|TITLED\),/s/ work own/ work letter own/' "$tree/vm/media_sets.def"
sed -i '/^MEDIA("work"/a MEDIA("letter", letter, 2592000, work, "a letter")' "$tree/runtime/vocabulary/media.def"
sed -i '/^MEDIUM(work, open)/a MEDIUM(letter, open)
    s/^MEDIUM(voice, voice)/MEDIUM(voice, sample)/' "$tree/runtime/core/media/media.def"
cat >"$tree/runtime/core/media/sample.c" <<'END'
#include <stdio.h>

#include "runtime/core/base/media.h"
#include "runtime/core/media/voice.h"

static void sample_arrive(struct core *core, const struct message *message)
{
    fputs("sample: the medium has an arrival\n", stderr);
    voice_arrive(core, message);
}

static enum media sample_capacity(const struct interaction *ix)
{
    (void)ix;
    return media_voice;
}

const struct media_ops media_ops_sample = {
    .capacity = sample_capacity,
    .arrive = sample_arrive,
    .observed = voice_observed,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .leg_ended = voice_leg_ended,
};
END

# A reader of an event.
row runtime/core/handlers.def 'HANDLER(EventCallDeleted, sample_on_deleted)'
cat >"$tree/runtime/core/read/sample.c" <<'END'
#include <stdio.h>

#include "runtime/vocabulary/message.h"

struct core;
void sample_on_deleted(struct core *, const struct message *);

void sample_on_deleted(struct core *core, const struct message *message)
{
    (void)core;
    (void)message;
    fputs("sample: the event is read\n", stderr);
}
END

# A command of gcxctl, which looks.
row runtime/daemon/protocol/commands.def 'COMMAND(sample, "sample", MONITOR, READ, "says that it is there")
END_COMMAND(sample)'
cp --remove-destination "$top/runtime/daemon/admin/reads.c" "$tree/runtime/daemon/admin/reads.c" || exit 1
sed -i 's,^LOOK(agents\, agents_read),static void sample_fill(struct asking *asking)\n{\n    json_object_set_new(asking->into\, "sample"\, json_true());\n}\n&,' "$tree/runtime/daemon/admin/reads.c"

# A plugin inside the tree.
row runtime/vocabulary/contract.def 'ADAPTER(sample, voice, BRINGS, "a sample")
    CAN(sample, calls)
END_ADAPTER(sample)'
mkdir "$tree/runtime/adapters/sample"
cat >"$tree/runtime/adapters/sample/plugin.c" <<'END'
#include "runtime/adapter/gcx_adapter.h"

#include <stddef.h>

#include "runtime/vocabulary/contract.h"

static const char *const settings[] = {"*mark", NULL};

static void *sample_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    (void)services, (void)why, (void)why_size;
    return link;
}

static void sample_close(void *self)
{
    (void)self;
}

static void sample_perform(void *self, const struct message *effect)
{
    (void)self, (void)effect;
}

static void sample_core_up(void *self, bool up)
{
    (void)self, (void)up;
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sample",
    .media = media_of_voice,
    .caps = caps_of_sample,
    .settings = settings,
    .open = sample_open,
    .close = sample_close,
    .perform = sample_perform,
    .core_up = sample_core_up,
};
END
cat >"$tree/runtime/adapters/sample/local.mk" <<'END'
pkglib_LTLIBRARIES += sample.la
sample_la_SOURCES = runtime/adapters/sample/plugin.c
sample_la_CFLAGS = $(AM_CFLAGS)
sample_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
sample_la_LIBADD = libvocabulary.la libvm.la libbase.la
END
cp --remove-destination "$top/Makefile.am" "$tree/Makefile.am" || exit 1
sed -i 's,^include runtime/adapters/dialer/local.mk,&\ninclude runtime/adapters/sample/local.mk,' "$tree/Makefile.am"

make -j2 -C "$tree/build" CFLAGS=-O0 LIBTOOL="$tree/tests/quick/libtool.sh" gcxc gcxctl gcxvm sample.la >"$dir/made" 2>&1 || { tail -20 "$dir/made"; echo "rows: the scratch tree does not build"; exit 1; }
cat >"$dir/sample.gcx" <<'END'
site {
    default timeout 10m;
    statistic samples(strategy) = sampled over 1h;
    skill Sheets;
    vq papers;
    medium sheets = 195;
    capacity readers { sheets 1; letter 1; }
}
strategy sample on voice {
    sample.wait();
    if samples(strategy sample) > 0 { stop "done"; }
    stop "not counted";
}
strategy sheet on sheets, letter {
    connect in vq papers { skill Sheets >= 1; } else { stop "nobody"; };
}
test "all of them" {
    call sample;
    expect stopped "done";
}
test "a medium of the site's own is a row of the site" {
    agent marie (Sheets: 5) ready capacity readers;
    sheets sheet from "web" subject "a sheet";
    expect routed to agent marie;
}
test "a medium of the product is three rows and a word" {
    agent marie (Sheets: 5) ready capacity readers;
    letter sheet from "web" subject "a letter";
    expect routed to agent marie;
}
END
"$tree/build/gcxc" test "$dir/sample.gcx" >"$dir/told" 2>&1 || { cat "$dir/told"; echo "rows: the strategy's test fails"; exit 1; }
status=0
for line in "the part begins" "the timer has fired" "the step begins" "the medium has an arrival" "the event is read" "the fact is heard"; do
    grep -qx "sample: $line" "$dir/told" || { echo "rows: not told: $line"; status=1; }
done
"$tree/build/gcxctl" --help 2>&1 | grep -q '^ *sample .*says that it is there' || { echo "rows: gcxctl does not know its command"; status=1; }
[ "$("$tree/build/gcxvm" --adapter "$tree/build/.libs/sample.so" --settings)" = '*mark' ] || { echo "rows: the plugin is not whole"; status=1; }
[ $status = 0 ] && echo "rows: a part, a kind of timer, a fact, a step, a medium, a reader of an event, a statistic, a command and a plugin are a file and their rows; a medium that is submitted is three rows and a word, and no file, a site's own one row of the site"
exit $status
