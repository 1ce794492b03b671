#!/bin/sh
# Fails where a new part, kind of timer, fact, step, medium, event, statistic, command of gcxctl, plugin or way to customers
# needs more than CONTRIBUTING says: adds one of each to a scratch tree by exactly that, builds there what has them, and runs
# a strategy's test that comes to all that the core has, and gcxctl for its command. The plugin is a way: it has its cells of
# post_matrix, and gcxvm with it takes a text from a customer and answers it.
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
for file in Makefile.in configure aclocal.m4 config.h.in sources.mk; do
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

static void sample_keep(void *self, struct keeper *keeper)
{
    struct samples *samples = self;
    samples->timer = timer_keep(samples->timers, keeper, samples->timer, 1u << TIMER_SAMPLE, 0, 0);
}

static void sample_hear(void *self, const struct fact *fact)
{
    (void)self;
    if (fact->what == FACT_sample) fputs("sample: the fact is heard\n", stderr);
}

const struct part_ops part_ops_samples = {.size = sizeof(struct samples), .init = sample_init, .hash = sample_hash, .hear = sample_hear, .keep = sample_keep};

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
sed -i 's,^LOOK(agents\, reads_core_agents),static void reads_sample_fill(struct asking *asking)\n{\n    json_object_set_new(asking->into\, "sample"\, json_true());\n}\n&,' "$tree/runtime/daemon/admin/reads.c"

# A plugin inside the tree, which is a way to customers: it knows the bytes of one protocol. A customer's datagram `text NUMBER
# FROM TO WORDS` is answered by `taken`, `later` or `never NUMBER`; ours goes likewise, is answered by `given` or `refused
# NUMBER`, and later by `delivered NUMBER`.
row runtime/vocabulary/contract.def 'ADAPTER(sample, sms, BRINGS, "texts by datagrams")
    CAN(sample, stateless) CAN(sample, keyed) CAN(sample, texts) CAN(sample, ends) CAN(sample, lives)
END_ADAPTER(sample)'
row runtime/adapter/refusals.def 'ROOM(sample, post)
REFUSAL(sample, text_not_taken, "later, never", ticket, "a text is not taken")
REFUSAL(sample, by_peer, "", ticket, "the other side refuses a text of ours")
REFUSAL(sample, by_us, "", none, "a text of ours does not go")'
row tests/unit/trials.def 'TRIAL(sample, sms, texts, none)'
mkdir "$tree/runtime/adapters/sample"
cat >"$tree/runtime/adapters/sample/plugin.c" <<'END'
#include <event2/event.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapters/sample/say.h"
#include "runtime/post/office.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"

struct sample {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct post_rules rules;
    struct office *office;
    struct robots *robots;
    struct event *reads;
    struct address peer;
    int socket;
    GHashTable *sent; /* pieces without an answer, by the number of their item */
};

static const char *const settings[] = {"*peer", "*port_file", "*store", "*number", "*queue", NULL};

static const char *sample_setting(const struct sample *sample, const char *key)
{
    return sample->services->setting(sample->link, key);
}

/* ---- what comes ---- */

static void sample_answered(struct sample *sample, const char *word, uint64_t number)
{
    char name[24];
    void *piece = g_hash_table_lookup(sample->sent, GSIZE_TO_POINTER(number));
    snprintf(name, sizeof name, "%llu", (unsigned long long)number);
    if (strcmp(word, "delivered") == 0) {
        struct post_receipt receipt = {.state = POST_OUT_delivered};
        g_strlcpy(receipt.form, name, sizeof receipt.form);
        office_receipt(sample->office, &(struct post_ticket){.from = 0}, &receipt);
    } else if (piece) {
        bool given = strcmp(word, "given") == 0;
        g_hash_table_remove(sample->sent, GSIZE_TO_POINTER(number));
        office_answered(
            sample->office, piece,
            &(struct post_answered){.answer = given ? POST_GIVEN : POST_REFUSED, .peer_id = name, .why = word});
    }
}

static void sample_came(evutil_socket_t from, short what, void *given)
{
    struct sample *sample = given;
    char line[1200], word[12], customer[40], own[40];
    unsigned long long number;
    int begins = 0;
    ssize_t length = recv(from, line, sizeof line - 1, 0);
    (void)what;
    if (length <= 0) return;
    line[length] = 0;
    if (sscanf(line, "text %llu %39s %39s %n", &number, customer, own, &begins) >= 3 && begins > 0) {
        struct post_item *item = memory_zeroed(1, sizeof *item);
        item->place.total = item->place.n = 1;
        snprintf(item->peer_id, sizeof item->peer_id, "%llu", number);
        g_strlcpy(item->customer, customer, sizeof item->customer);
        g_strlcpy(item->own, own, sizeof item->own);
        item->text = g_strdup(line + begins);
        office_take(sample->office, &(struct post_ticket){.from = 1, .number = number}, item);
    } else if (sscanf(line, "%11s %llu", word, &number) == 2) {
        sample_answered(sample, word, number);
    }
}

/* ---- the way ---- */

static const char *sample_queue(const void *self, const char *own)
{
    const struct sample *sample = self;
    return strcmp(own, sample_setting(sample, "number")) == 0 ? sample_setting(sample, "queue") : NULL;
}

static void sample_say(const struct sample *sample, const char *line)
{
    sample_say_line(sample->socket, (const struct sockaddr *)&sample->peer.socket, (socklen_t)sample->peer.length, line);
}

static bool sample_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *text)
{
    struct sample *sample = self;
    const char *word = verdict == POST_TAKEN ? "taken" : POST_IS_LATER(verdict) ? "later" : "never";
    char *line = g_strdup_printf("%s %llu", word, (unsigned long long)ticket->number);
    if (verdict != POST_TAKEN) refused_tell(sample->link, sample->services, REFUSED_sample_text_not_taken, "%s", text);
    sample_say(sample, line);
    g_free(line);
    return true;
}

static bool sample_address(const void *self, struct span to, char customer[POST_ADDRESS])
{
    (void)self;
    snprintf(customer, POST_ADDRESS, "%.*s", (int)to.length, (const char *)to.bytes);
    return true;
}

static void sample_from(const void *self, struct span from, char own[POST_ADDRESS])
{
    (void)from;
    g_strlcpy(own, sample_setting(self, "number"), POST_ADDRESS);
}

static uint64_t sample_room(void *self, uint64_t *where)
{
    (void)self, (void)where;
    return 10;
}

static bool sample_send(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    struct sample *sample = self;
    char *line = g_strdup_printf("text %lld %s %s %s", (long long)sending->item, sending->own, sending->customer,
                                 sending->text);
    (void)n, (void)where;
    g_hash_table_insert(sample->sent, GSIZE_TO_POINTER(sending->item), piece);
    sample_say(sample, line);
    g_free(line);
    return true;
}

static const struct post_way sample_way = {.name = "sms",
                                           .media = media_sms,
                                           .kind = STORE_phone,
                                           .noun = "text",
                                           .by_peer = REFUSED_sample_by_peer,
                                           .by_us = REFUSED_sample_by_us,
                                           .queue = sample_queue,
                                           .answer = sample_answer,
                                           .address = sample_address,
                                           .from = sample_from,
                                           .room = sample_room,
                                           .send = sample_send};

/* ---- the plugin ---- */

static void sample_close(void *self)
{
    struct sample *sample = self;
    office_close(sample->office);
    if (sample->reads) event_free(sample->reads);
    if (sample->socket >= 0) close(sample->socket);
    office_free(sample->office);
    robots_free(sample->robots);
    g_hash_table_destroy(sample->sent);
    free(sample);
}

static bool sample_listen(struct sample *sample, struct event_base *base, char *why, size_t why_size)
{
    struct address here;
    if (!address_parse(&sample->peer, sample_setting(sample, "peer"), why, why_size) ||
        !address_parse(&here, "127.0.0.1:0", why, why_size))
        return false;
    sample->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (sample->socket < 0 || bind(sample->socket, (struct sockaddr *)&here.socket, (socklen_t)here.length) != 0 ||
        !address_port_tell(sample_setting(sample, "port_file"), address_port(sample->socket))) {
        snprintf(why, why_size, "the socket cannot be used");
        return false;
    }
    sample->reads = event_new(base, sample->socket, EV_READ | EV_PERSIST, sample_came, sample);
    return sample->reads && event_add(sample->reads, NULL) == 0;
}

static bool sample_is_ours(void *self, const char *address)
{
    return strcmp(address, sample_setting(self, "number")) == 0;
}

static void *sample_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    struct sample *sample = memory_zeroed(1, sizeof *sample);
    sample->link = link;
    sample->services = services;
    sample->socket = -1;
    sample->sent = g_hash_table_new(NULL, NULL);
    sample->rules = (struct post_rules){.store = sample_setting(sample, "store"),
                                        .empty = "-",
                                        .gap_s = 86400,
                                        .submit_timeout_s = 2,
                                        .give_up_s = 600,
                                        .window = 10,
                                        .rate = 100};
    sample->robots = robots_new(20, sample_is_ours, sample);
    const struct office_setup setup = {link, services, base, &sample_way, &sample->rules, sample, sample->robots};
    if ((sample->office = office_new(&setup, why, why_size)) && sample_listen(sample, base, why, why_size) &&
        office_begin(sample->office, why, why_size))
        return sample;
    sample_close(sample);
    return NULL;
}

static void sample_perform(void *self, const struct message *effect)
{
    office_perform_all(((struct sample *)self)->office, effect);
}

static void sample_core_up(void *self, bool up)
{
    office_core_up(((struct sample *)self)->office, up);
}

static void sample_credit(void *self)
{
    office_credit(((struct sample *)self)->office);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sample",
    .media = media_of_sms,
    .caps = caps_of_sample,
    .settings = settings,
    .open = sample_open,
    .close = sample_close,
    .perform = sample_perform,
    .core_up = sample_core_up,
    .credit = sample_credit,
};
END
cat >"$tree/runtime/adapters/sample/say.h" <<'END'
/* runtime/adapters/sample/say.h - A line for the peer. */
#pragma once

#include <sys/socket.h>

void sample_say_line(int socket, const struct sockaddr *peer, socklen_t length, const char *line);
END
cat >"$tree/runtime/adapters/sample/say.c" <<'END'
/* runtime/adapters/sample/say.c - Sends a line to the peer. Two files are one unit of the build. */
#include "runtime/adapters/sample/say.h"

#include <string.h>

void sample_say_line(int socket, const struct sockaddr *peer, socklen_t length, const char *line)
{
    (void)sendto(socket, line, strlen(line), 0, peer, length);
}
END
cat >"$tree/runtime/adapters/sample/local.mk" <<'END'
pkglib_LTLIBRARIES += sample.la
sample_la_FILES = runtime/adapters/sample/plugin.c runtime/adapters/sample/say.c runtime/adapters/sample/say.h
sample_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)
sample_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
sample_la_LIBADD = libpost.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)
END
cp --remove-destination "$top/Makefile.am" "$tree/Makefile.am" || exit 1
sed -i 's,^include runtime/adapters/dialer/local.mk,&\ninclude runtime/adapters/sample/local.mk,' "$tree/Makefile.am"

make -j2 -C "$tree/build" CFLAGS=-O0 LIBTOOL="$tree/tests/quick/libtool.sh" gcxc gcxctl gcxvm sample.la tests/unit/post_matrix >"$dir/made" 2>&1 || { tail -20 "$dir/made"; echo "rows: the scratch tree does not build"; exit 1; }
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

# The way, by its row and by its bytes.
(cd "$dir" && "$tree/build/tests/unit/post_matrix" --filter 'post_matrix/by_sample_*' --tap) >"$dir/cells" 2>&1 && [ "$(grep -c '^ok .*by_sample_' "$dir/cells")" = 3 ] ||
    { grep -v '^ok' "$dir/cells"; echo "rows: the way does not pass its cells"; status=1; }
cat >"$dir/texts.gcx" <<'END'
site {
    queue service;
}
strategy texts on sms {
    attached { message: str }
    let text = (message else "");
    sms.send("We have it: {text}") timeout 40s else { stop "not sent"; };
    stop "sent";
}
END
cat >"$dir/peer.py" <<'END'
import os, socket, sqlite3, sys, time
folder = sys.argv[1]
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.bind(("127.0.0.1", 0))
with open(folder + "/peer.new", "w") as told: told.write(str(peer.getsockname()[1]))
os.rename(folder + "/peer.new", folder + "/peer")
peer.settimeout(0.2)
taken = asked = False
ends = time.monotonic() + 60
delivered = "select count(*) from interactions where direction = 'out' and result = 'delivered'"
while time.monotonic() < ends:
    if not os.path.exists(folder + "/port"): time.sleep(0.05); continue
    way = ("127.0.0.1", int(open(folder + "/port").read()))
    if not taken: peer.sendto(b"text 7 +491701234501 +4930123 hello", way)
    try: words = peer.recv(2000).decode().split(" ", 4)
    except socket.timeout: words = [""]
    if words[0] == "taken": taken = words[1] == "7"
    if words[0] == "text" and words[2:] == ["+4930123", "+491701234501", "We have it: hello"]:
        for word in "given", "delivered": peer.sendto((word + " " + words[1]).encode(), way)
        asked = True
    if taken and asked and sqlite3.connect(folder + "/contacts").execute(delivered).fetchone() == (1,): sys.exit(0)
sys.exit("taken: %s, answered: %s" % (taken, asked))
END
way() { # FOLDER: plays the way in a folder of its own
    top_srcdir=$tree top_builddir=$tree/build
    . "$top_srcdir/tests/flows/daemon_common.sh"
    also_end() { kill "$peer" && wait "$peer"; } 2>/dev/null
    python3 "$1/peer.py" "$dir" &
    peer=$!
    await test -s "$dir/peer"
    "$gcxc" build "$1/texts.gcx" -o "$dir/texts.gcxb" || cleanup 1
    make_world "adapter sample { peer = \"127.0.0.1:$(cat "$dir/peer")\" port_file = \"$dir/port\" store = \"sqlite:$dir/contacts\"
  number = \"+4930123\" queue = \"service\" }"
    site_queues texts.gcxb service
    echo "insert into routing_point (dn, strategy) values ('service', 'texts');" >>"$dir/directory.sql"
    start
    wait "$peer" || say_failed "the way does not take and answer a text"
    stop 0
    ! grep -q 'digest is another' "$dir/log" || say_failed "a snapshot does not have what the part hashes"
    [ "$failures" = 0 ] || cat "$dir/log"
    finish
}
if command -v python3 >/dev/null; then
    (way "$dir") >"$dir/played" 2>&1 || { cat "$dir/played"; status=1; }
fi
[ $status = 0 ] && echo "rows: a part, a kind of timer, a fact, a step, a medium, a reader of an event, a statistic, a command and a plugin, which is a way to customers, are a file and their rows; a medium that is submitted is three rows and a word, and no file, a site's own one row of the site"
exit $status
