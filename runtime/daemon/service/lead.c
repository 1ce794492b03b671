/* runtime/daemon/service/lead.c - Follows the leader, and takes its place.
 *
 *     lead_look() ------> lead_follow() ------------------------> lead_watch()
 *     looks for what      lead_turn(), again and again:           leads; looks whether the lease
 *     is missing          reads batches, and whether the          still holds, and ends the process
 *     here, and for       leader gives signs                      if the database stays away
 *     who leads
 *
 *     LEAD_FOLLOWER ........................................ | LEAD_LEADER
 *
 * Everything that may wait for the database runs on a thread of its own (lead_off_loop), while the loop goes on:
 * signals, health and the watchdog of the service manager are served meanwhile. The follower belongs to that thread
 * during a turn, so its row is copied after each turn and read from the copy.
 *
 * Times: the leader gives a sign of life BEATS times in a lease. Without a sign for a whole lease a follower tries
 * to lead; the database decides who really leads. */
#include "runtime/daemon/service/lead.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/service/adapter_files.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/host/real.h"
#include "runtime/journal/copy_mark.h"

enum {
    BEATS = 4, /* in a lease */
    AGAIN_MS = 250,
    TOLD_MS = 250,      /* the service manager's watchdog */
    CLOSE_US = 3000000, /* a node counts as present for so long after a sign of life; followers give one each second */
    LED_US = 30000000,  /* a follower waits so long for a leader to send missing files */
    UNLED_TELL_US = 5000000, /* the log has a line if nobody has led for so long */
    /* ... a further line each time that nobody has led for twice as long, or for a minute more */
    UNLED_TELL_MOST_US = 60000000,
};

static const char *const role_names[] = {[LEAD_LONE] = "lone", [LEAD_FOLLOWER] = "follower", [LEAD_LEADER] = "leader"};

const char *lead_role_name(enum lead_role role)
{
    return role_names[role];
}

/* How the journal's store is opened: the database, the lease, and which files are shared there. */
struct journal_place lead_place(const struct daemon *daemon)
{
    const struct conf *conf = daemon->conf;
    return (struct journal_place){.database = conf->journal,
                                  .domain = conf->partition,
                                  .wait_s = (unsigned)conf->journal_wait_s,
                                  .depose = daemon->how.depose,
                                  .node = conf->node,
                                  .lease_ms = conf->lease_ms,
                                  .alone = !daemon->how.follow,
                                  .key_file = conf->key_file,
                                  .files = daemon->lead.files};
}

static void lead_file_add(void *self, const char *name, const struct state_file *file)
{
    struct lead *lead = self;
    size_t count = 0;
    (void)file;
    while (lead->files[count]) count++;
    if (count == PLACE_FILES || strlen(name) >= PLACE_FILE_NAME) return;
    lead->files[count] = strcpy(lead->names[count], name);
    lead->files[count + 1] = NULL;
}

/* Finds the files that adapters on this machine may have. */
static void lead_files_find(struct daemon *daemon)
{
    daemon->lead.files[0] = NULL;
    adapter_files_each(daemon->conf, lead_file_add, &daemon->lead);
}

/* Period of the signs of life; 0: the journal is a file here, and nobody needs them. */
uint64_t lead_beat_us(const struct daemon *daemon)
{
    return daemon->conf->journal[0] != '\0' ? daemon->conf->lease_ms * 1000 / BEATS : 0;
}

uint64_t lead_term(const struct daemon *daemon)
{
    return daemon->how.follow ? engine_epoch(daemon->engine) : 0;
}

/* A function that waits for the database, on a thread of its own. */
struct lead_work {
    void (*does)(void *self);
    void *self;
    int ended; /* readable then */
};

static void *lead_work_main(void *argument)
{
    struct lead_work *work = argument;
    work->does(work->self);
    if (eventfd_write(work->ended, 1) != 0) abort();
    return NULL;
}

static void lead_on_ended(evutil_socket_t fd, short what, void *self)
{
    (void)fd, (void)what;
    *(bool *)self = true;
}

static void lead_on_told(evutil_socket_t fd, short what, void *self)
{
    const struct daemon *daemon = self;
    (void)fd, (void)what;
    notify_say(daemon->notify, "WATCHDOG=1");
}

/* Runs a function on another thread and returns when it has ended. The loop runs meanwhile, so facts that the caller
 * has checked before may have changed, above all `stopping`. */
void lead_off_loop(struct daemon *daemon, void (*does)(void *self), void *self)
{
    struct lead_work work = {does, self, eventfd(0, EFD_CLOEXEC)};
    bool over = false;
    pthread_t thread;
    struct event *ended = work.ended < 0 ? NULL : event_new(daemon->base, work.ended, EV_READ, lead_on_ended, &over);
    if (!ended || event_add(ended, NULL) != 0 || pthread_create(&thread, NULL, lead_work_main, &work) != 0) abort();
    while (!over) event_base_loop(daemon->base, EVLOOP_ONCE);
    pthread_join(thread, NULL);
    event_free(ended);
    close(work.ended);
}

/* Runs the loop for a while, or until a signal has asked for the end. */
static void lead_pause(const struct daemon *daemon)
{
    const uint64_t until_us = host_monotonic_us() + AGAIN_MS * UINT64_C(1000);
    while (!daemon->stopping && host_monotonic_us() < until_us) event_base_loop(daemon->base, EVLOOP_ONCE);
}

/* Starts the timer `lead.told`, which wakes the loop each TOLD_MS. */
static void lead_told_begin(struct daemon *daemon)
{
    const struct timeval every = {.tv_usec = TOLD_MS * 1000};
    daemon->lead.told = event_new(daemon->base, -1, EV_PERSIST, lead_on_told, daemon);
    if (!daemon->lead.told || event_add(daemon->lead.told, &every) != 0) abort();
}

static void lead_told_end(struct daemon *daemon)
{
    if (daemon->lead.told) event_free(daemon->lead.told);
    daemon->lead.told = NULL;
}

/* Notes that the journal cannot be followed now. The first failure is logged, but not each attempt after it. */
static void lead_away(struct daemon *daemon, const struct error *why)
{
    if (!daemon->lead.away)
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "waits until it can follow: %s", why->text);
    daemon->lead.away = true;
    daemon->lead.why = *why;
    lead_pause(daemon);
}

/* Logs after 5 s that nobody leads, then each time after twice as long (10 s, 20 s, ...), and from one minute on
 * once a minute. */
static void lead_tell_unled(struct daemon *daemon, const struct follower_row *row)
{
    struct lead *lead = &daemon->lead;
    uint64_t before_us = lead->unled_told_us;
    uint64_t next_us =
        before_us == 0 ? UNLED_TELL_US : before_us + (before_us < UNLED_TELL_MOST_US ? before_us : UNLED_TELL_MOST_US);
    if (row->unled_us == 0 && before_us > 0)
        log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "somebody leads again");
    if (row->unled_us == 0) lead->unled_told_us = 0;
    if (row->unled_us < next_us) return;
    lead->unled_told_us = row->unled_us;
    log_line(daemon->log, LOG_LEVEL_ERROR, "journal", 0, 0,
             "nobody leads since %llu s: %.300s; `gcxctl cluster` on each machine says who follows, and gcx-standby(7) "
             "what to do",
             (unsigned long long)row->unled_us / 1000000, row->why);
}

/* Logs why this process does not lead, unless the same reason was logged last. */
static void lead_tell_refused(struct daemon *daemon, const struct error *why)
{
    struct lead *lead = &daemon->lead;
    if (why->code == ERROR_NONE || strcmp(lead->refused.text, why->text) == 0) return;
    log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "does not lead: %s", why->text);
    lead->refused = *why;
}

/* Once another gcxvm leads, tells the adapters that an earlier gcxvm has left on this machine to end: otherwise they
 * would serve besides the leader's. Until another gcxvm leads these adapters go on, since this gcxvm takes them back if
 * it leads. */
static void lead_left_end(struct daemon *daemon)
{
    if (daemon->lead.led || !daemon->lead.row.led) return;
    daemon->lead.led = true;
    children_left_end(daemon->conf, daemon->log);
}

static void lead_there(struct daemon *daemon)
{
    if (daemon->lead.away) log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "the journal can be followed again");
    daemon->lead.away = false;
}

/* The work of fetching the files that the folder lacks from the database, for the store to use them, if it is
 * already open. */
struct lead_fetch {
    struct daemon *daemon;
    struct journal_place place;
    bool good;
    uint64_t led_us; /* the last moment at which a leader could send the missing files; 0: not checked yet */
    struct error *error;
};

static void lead_fetch_do(void *self)
{
    struct lead_fetch *fetch = self;
    struct batches *store = fetch->daemon->store;
    fetch->good = place_fetch(fetch->daemon->conf->state, &fetch->place, fetch->error) &&
                  (!store || batches_look(store, fetch->error));
}

/* Notes when there was last a leader. */
static void lead_may_come_do(void *self)
{
    struct lead_fetch *fetch = self;
    bool there, led = true;
    if (fetch->error->code != ERROR_STATE || fetch->led_us == 0 ||
        !place_taken(&fetch->place, &there, &led, &(struct error){0}) || led)
        fetch->led_us = host_monotonic_us();
}

/* True: a leader may still come, which alone can send the missing files. False: there has been no leader for long.
 * After ERROR_SYSTEM it is not known whether there is a leader, and the waiting goes on. */
static bool lead_may_come(struct lead_fetch *fetch)
{
    char why[sizeof fetch->error->text];
    lead_off_loop(fetch->daemon, lead_may_come_do, fetch);
    if (host_monotonic_us() - fetch->led_us < LED_US) return true;
    memcpy(why, fetch->error->text, sizeof why);
    return error_set(fetch->error, ERROR_INPUT, "nobody leads: start the gcxvm that led last, then this one; %.180s",
                     why);
}

/* Finds out whether this process follows; `follows`: there is a journal to follow. If there is no journal to follow,
 * this process begins the journal and leads. ERROR_SYSTEM and ERROR_STATE may pass, so it tries again; any other error
 * ends it. */
bool lead_look(struct daemon *daemon, bool *follows, struct error *error)
{
    *follows = false;
    lead_files_find(daemon);
    if (!daemon->how.follow) return true;
    struct lead_fetch fetch = {.daemon = daemon, .place = lead_place(daemon), .error = error};
    daemon->lead.role = LEAD_FOLLOWER;
    lead_told_begin(daemon);
    notify_say(daemon->notify, "STATUS=Looks who leads");
    while (!daemon->stopping) {
        *error = (struct error){0};
        lead_off_loop(daemon, lead_fetch_do, &fetch);
        *follows = fetch.good;
        if (*follows) break;
        if (error->code == ERROR_UNKNOWN) {
            daemon->lead.role = LEAD_LEADER;
            log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "there is no journal to follow yet: begins one");
            break;
        }
        if ((error->code != ERROR_SYSTEM && error->code != ERROR_STATE) || !lead_may_come(&fetch)) return false;
        lead_away(daemon, error);
    }
    *error = (struct error){0};
    return !daemon->stopping;
}

/* From here on the service manager counts the service as started, although it takes no call yet. */
static void lead_tell_begun(struct daemon *daemon)
{
    log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "follows, at batch %llu",
             (unsigned long long)daemon->lead.row.batch);
    notify_say(daemon->notify, "READY=1\nSTATUS=Follows the gcxvm that leads");
}

static void lead_tell_led(struct daemon *daemon, uint64_t quiet_us)
{
    log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
             "leads now, from batch %llu on: the one that led gave no sign for %llu ms",
             (unsigned long long)daemon->lead.begun.head.number, (unsigned long long)quiet_us / 1000);
    notify_say(daemon->notify, "STATUS=Has taken the lead");
}

static void on_lead_note(void *self, const char *text)
{
    const struct daemon *daemon = self;
    log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "%s", text);
}

/* Notes how long nobody has led, while this process has no follower that could judge the leader's signs of life. */
static void lead_unled_note(struct daemon *daemon, struct batches_sign *before, uint64_t *signed_us)
{
    struct batches_sign sign;
    uint64_t now_us = host_monotonic_us(), lease_us = daemon->conf->lease_ms * 1000;
    batches_sign(daemon->store, &sign);
    if (sign.term != before->term || sign.seen != before->seen || sign.last != before->last) *signed_us = now_us;
    *before = sign;
    if (sign.lease_us > lease_us) lease_us = sign.lease_us;
    daemon->lead.unled_us = sign.left || now_us - *signed_us > lease_us ? now_us - *signed_us : 0;
    lead_tell_unled(daemon, &(struct follower_row){.unled_us = daemon->lead.unled_us, .why = daemon->lead.why.text});
}

/* One call of the follower on another thread: it may wait for the database, and a replay takes long. */
struct lead_turn {
    struct daemon *daemon;
    const struct follower_options *options; /* options to open the follower; NULL: it is open */
    enum follower_outcome outcome;
    struct error *error;
};

static void lead_turn_do(void *self)
{
    struct lead_turn *turn = self;
    if (turn->options)
        turn->daemon->lead.opened = follower_open(turn->options, turn->daemon->store, turn->error);
    else
        turn->outcome = follower_turn(turn->daemon->lead.follower, turn->error);
}

/* The follower belongs to the thread during a turn; its state is copied after each turn. */
static enum follower_outcome lead_turn(struct daemon *daemon, const struct follower_options *options,
                                       struct error *error)
{
    struct lead *lead = &daemon->lead;
    struct lead_turn turn = {.daemon = daemon, .options = options, .outcome = FOLLOWER_ON, .error = error};
    lead_off_loop(daemon, lead_turn_do, &turn);
    if (options) lead->follower = lead->opened;
    if (lead->follower) follower_read(lead->follower, &lead->row);
    if (lead->follower) snprintf(lead->row_why, sizeof lead->row_why, "%s", lead->row.why);
    lead->row.why = lead->row_why;
    lead->row_us = host_monotonic_us();
    return turn.outcome;
}

/* If the journal has an earlier semantics number, the follower waits for the snapshot that the leader makes when it
 * ends in order, and then leads from that snapshot. */
static bool lead_follower_open(struct daemon *daemon, const struct follower_options *options, struct error *error)
{
    struct lead *lead = &daemon->lead;
    struct batches_sign before = {0};
    uint64_t signed_us = host_monotonic_us();
    while (!daemon->stopping && (lead_turn(daemon, options, error), !lead->follower)) {
        struct error why = {0};
        struct lead_fetch fetch = {.daemon = daemon, .place = lead_place(daemon), .error = &why};
        if (error->code != ERROR_UNAVAILABLE) return false;
        lead_away(daemon, error);
        lead_unled_note(daemon, &before, &signed_us);
        lead_off_loop(daemon, lead_fetch_do, &fetch);
        if (!fetch.good) signed_us = host_monotonic_us(); /* the database does not tell whether somebody leads */
        if (fetch.good || why.code == ERROR_SYSTEM) continue;
        *error = why;
        return false;
    }
    lead_there(daemon);
    return lead->follower != NULL;
}

/* Writes the mark of a restored copy, which says up to where ids have to jump. The lead is taken by a batch, and the
 * mark has to count that batch. So the mark is written before the batch: the process may be killed between the two. */
static bool lead_mark_copied(const struct daemon *daemon, struct error *error)
{
    uint64_t last = batches_last(daemon->store);
    return !copy_mark_holds(daemon->conf->state, last) || copy_mark_make(daemon->conf->state, last + 1, error);
}

/* Returns true when this process leads, with a core that is at the last batch. False without an error: the process
 * was asked to end. */
bool lead_follow(struct daemon *daemon, const struct core_options *core, struct error *error)
{
    struct lead *lead = &daemon->lead;
    const struct follower_options options = {.core = *core,
                                             .state = daemon->conf->state,
                                             .lease_us = daemon->conf->lease_ms * 1000,
                                             .told = {.note = on_lead_note, .self = daemon}};
    enum follower_outcome outcome = FOLLOWER_ON;
    if (!lead_follower_open(daemon, &options, error) || !lead_mark_copied(daemon, error)) return false;
    lead_tell_begun(daemon);
    struct follower_row row = {0};
    while (!daemon->stopping && outcome != FOLLOWER_LEADS) {
        row = lead->row;
        *error = (struct error){0};
        outcome = lead_turn(daemon, NULL, error);
        if (outcome == FOLLOWER_ENDS) return false;
        if (outcome == FOLLOWER_AWAY)
            lead_away(daemon, error);
        else
            lead_there(daemon);
        if (outcome == FOLLOWER_ON) {
            lead_left_end(daemon);
            lead_tell_refused(daemon, error);
            lead_tell_unled(daemon, &lead->row);
        }
    }
    *error = (struct error){0};
    if (outcome != FOLLOWER_LEADS) return false;
    lead->role = LEAD_LEADER;
    lead->begun = follower_core_take(lead->follower, &lead->core);
    follower_free(lead->follower);
    lead->follower = NULL;
    lead_tell_led(daemon, row.quiet_us);
    return true;
}

const struct partition_begun *lead_begun(const struct daemon *daemon)
{
    return daemon->lead.begun.core ? &daemon->lead.begun : NULL;
}

/* Writes into the database that nobody leads any more, so the next leader need not wait for the lease. */
void lead_leave(struct daemon *daemon)
{
    struct error error = {0};
    if (daemon->conf->journal[0] == '\0' || !daemon->store) return;
    if (!batches_leave(daemon->store, &error))
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "the next one waits for the lease: %s", error.text);
}

void lead_free(struct daemon *daemon)
{
    follower_free(daemon->lead.follower);
    daemon->lead.follower = NULL;
    lead_told_end(daemon);
    if (daemon->lead.watch) event_free(daemon->lead.watch);
    daemon->lead.watch = NULL;
}

/* Returns for how long a node counts as present after its last sign of life. */
static uint64_t lead_close_us(uint64_t lease_ms)
{
    uint64_t lease_us = lease_ms * 1000;
    return lease_us < CLOSE_US ? lease_us : CLOSE_US;
}

/* 0: the lease holds. Any other value is how long ago this process's lease ended. */
static uint64_t lead_aside_us(const struct daemon *daemon)
{
    uint64_t until_us = daemon->engine ? engine_led_until_us(daemon->engine) : 0, now_us = host_monotonic_us();
    return until_us == 0 || now_us < until_us ? 0 : now_us - until_us + 1;
}

/* `follower` is the copy made after the last turn, because the follower itself may be in use just now. */
void lead_read(const struct daemon *daemon, struct lead_row *row)
{
    const struct lead *lead = &daemon->lead;
    const struct follower_row *follower = &lead->row;
    struct engine_load load = {0};
    *row = (struct lead_row){.role = lead->role, .lease_ms = daemon->how.follow ? daemon->conf->lease_ms : 0};
    if (daemon->engine) engine_load(daemon->engine, &load);
    row->batch = daemon->engine ? load.batches : follower->batch;
    row->last = daemon->engine ? load.batches : follower->last;
    row->events = follower->events;
    if (lead->follower && follower->quiet_us > 0)
        row->quiet_us = follower->quiet_us + host_monotonic_us() - lead->row_us;
    row->unled_us = lead->follower ? follower->unled_us : lead->role == LEAD_FOLLOWER ? lead->unled_us : 0;
    row->why = lead->follower ? lead->row_why : lead->why.text;
    row->copies = load.copies;
    row->aside_us = lead_aside_us(daemon);
    /* A turn takes a part of the lease; a longer turn means that the database hangs. */
    uint64_t turned_us = lead->row_us == 0 ? 0 : host_monotonic_us() - lead->row_us;
    row->away = lead->away || (lead->role == LEAD_FOLLOWER && turned_us >= lead_close_us(row->lease_ms));
    row->waits = lead->role == LEAD_FOLLOWER && lead->away && !lead->follower ? lead->why.text : NULL;
    /* with --follow the leader calls the database at least each second, so silence means it is away */
    if (daemon->engine && daemon->how.follow)
        row->away = batches_silent_us(daemon->store) >= lead_close_us(row->lease_ms) / 2;
    if (daemon->store) row->node_count = batches_nodes(daemon->store, row->nodes);
}

static void lead_aside_tell(struct daemon *daemon, uint64_t aside_us)
{
    daemon->lead.aside = aside_us > 0;
    if (aside_us > 0)
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "has not reached the database for the lease (%llu ms): another gcxvm may lead. What arrives is given "
                 "over to it, and adapters say nothing to their peers; `gcxctl cluster` at the other machine says "
                 "whether it leads. This one goes on if the database answers within %llu s, and ends otherwise",
                 (unsigned long long)daemon->conf->lease_ms, (unsigned long long)daemon->conf->journal_wait_s);
    else
        log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "reaches the database again: no other gcxvm leads");
}

/* Ends a leader that has not reached the database for too long, as an append that waits for the database does. A
 * leader without work appends nothing, so the time is checked here as well. */
static void lead_on_watch(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    uint64_t aside_us = lead_aside_us(daemon);
    (void)fd, (void)what;
    if (daemon->stopping) return;
    if (daemon->lead.aside != (aside_us > 0)) lead_aside_tell(daemon, aside_us);
    if (aside_us < daemon->conf->journal_wait_s * 1000000) return;
    log_line(daemon->log, LOG_LEVEL_ERROR, "journal", 0, 0,
             "the database was away for `journal_wait_s`, and another gcxvm may lead: this process ends");
    daemon->result = EXIT_journal;
    event_base_loopbreak(daemon->base);
}

void lead_watch(struct daemon *daemon)
{
    enum { WATCH_US = 50000 };
    lead_told_end(daemon); /* from now on the pulse (watch/pulse.c) wakes the loop */
    if (!daemon->how.follow) return;
    daemon->lead.watch = event_new(daemon->base, -1, EV_PERSIST, lead_on_watch, daemon);
    if (!daemon->lead.watch || event_add(daemon->lead.watch, &(struct timeval){.tv_usec = WATCH_US}) != 0) abort();
}

/* Returns the follower that has read the most, if it has given a sign lately; NULL: there is none. */
static const struct batches_node *lead_nearest(const struct lead_row *row)
{
    const struct batches_node *nearest = NULL;
    for (size_t i = 0; i < row->node_count; i++) {
        const struct batches_node *node = &row->nodes[i];
        /* A follower without a term still waits for missing files, and cannot lead. */
        bool may = !node->leads && node->term > 0 && node->age_us < lead_close_us(row->lease_ms);
        if (may && (!nearest || node->batch > nearest->batch)) nearest = node;
    }
    return nearest;
}

/* Decides whether the lead can be handed over: not without a follower that is near enough to lead, within LEAD_NEAR
 * batches. */
bool lead_may_hand_over(const struct lead_row *row, struct error *error)
{
    if (row->role != LEAD_LEADER)
        return error_set(error, ERROR_STATE, "nobody follows a gcxvm that was started without --follow");
    if (row->away)
        return error_set(
            error, ERROR_STATE,
            "the journal's database does not answer, and without it nobody can lead: this gcxvm stays, and "
            "goes on when it answers; see to the database");
    const struct batches_node *nearest = lead_nearest(row);
    if (nearest && row->last <= nearest->batch + LEAD_NEAR) return true;
    if (nearest)
        return error_set(
            error, ERROR_STATE,
            "%.80s follows, but is %llu batches behind: nobody would lead until it has read them. Ask again "
            "when `gcxctl cluster` says that it is less than %d behind",
            nearest->name, (unsigned long long)(row->last - nearest->batch), LEAD_NEAR);
    return error_set(error, ERROR_STATE,
                     "no other gcxvm follows at the moment, or it has not been heard of within the lease: `gcxctl "
                     "cluster` lists them");
}

bool lead_has_successor(const struct daemon *daemon, struct error *error)
{
    struct lead_row row;
    lead_read(daemon, &row);
    return lead_may_hand_over(&row, error);
}
