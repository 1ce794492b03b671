/* runtime/journal/crashes.c - The memory-mapped file, the counts of crashes, and the thread that limits how long one
 * event may take.
 *
 * The core writes into the mapped page which event or timer it begins, and that it has finished. Writing to mapped
 * memory costs almost nothing and survives the process, so the next start can read what the last process was doing when
 * it died. The next start counts the crash before it does anything else; an event that has crashed CRASHES_DUE times is
 * skipped. */
#include "runtime/journal/crashes.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/vocabulary/events_host.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum { CRASH_FORMAT = 1, CRASH_PATH = 4096 };
static const char crashes_magic[8] = {'g', 'c', 'x', 'w', 'o', 'r', 'k', '\n'};

/* The contents of the file, in this machine's byte order, as it is never moved to another one. */
struct page {
    char crashes_magic[8];
    uint32_t format, size;
    uint32_t phase, count;
    uint64_t snapshot;
    struct core_mark mark;
    struct crash crashes[CRASHES_MAX]; /* the oldest first */
};

struct crashes {
    char path[CRASH_PATH];
    /* the mapped file; its crashes are written only by crashes_open and crashes_recovered */
    volatile struct page *page;
    struct batches_watch told;
    unsigned bound_s;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool ending;
};

/* Describes what the core was doing when the process crashed: "event 3 of batch 812 (EventRouteRequest of link 16,
 * number 991)". */
static void crash_text(const struct crash *crash, char *out, size_t size)
{
    const struct core_mark *mark = &crash->mark;
    if (crash->phase == CRASH_LOADING) {
        snprintf(out, size, "the loading of the snapshot of batch %" PRIu64, crash->snapshot);
    } else if (mark->place == CORE_FIRES) {
        snprintf(out, size, "timer %" PRIu32 " of batch %" PRIu64 " (kind %u of object %" PRIu64 ")", mark->index,
                 mark->batch, mark->timer, mark->owner);
    } else {
        const char *name = kind_name(mark->kind);
        snprintf(out, size, "event %" PRIu32 " of batch %" PRIu64 " (%s of source %u, number %" PRIu64 ")", mark->index,
                 mark->batch, name ? name : "of no kind", mark->source, mark->number);
    }
}

static void crashes_tell(const struct crashes *crashes, const char *format, const struct crash *crash, const char *then)
{
    char what[200], text[500];
    if (!crashes->told.note) return;
    crash_text(crash, what, sizeof what);
    snprintf(text, sizeof text, format, what, then);
    crashes->told.note(crashes->told.self, text);
}

/* Did both crashes happen in the same event, timer or snapshot? A batch that is not in the journal counts as a
 * different one each time. */
static bool crashes_same(const struct crash *a, const struct crash *b)
{
    const struct core_mark *x = &a->mark, *y = &b->mark;
    if (a->phase != b->phase) return false;
    if (a->phase == CRASH_LOADING) return a->snapshot == b->snapshot;
    if (x->place != y->place) return false;
    if (a->phase == CRASH_REPLAY) return x->batch == y->batch && x->index == y->index;
    if (x->place == CORE_FIRES)
        return x->timer == y->timer && x->part == y->part && x->owner == y->owner && x->due_us == y->due_us;
    if (x->kind != y->kind || x->source != y->source) return false;
    return x->key != 0 ? x->key == y->key : x->number == y->number && x->conn == y->conn;
}

/* Removes a row and keeps the order, oldest first. */
static void remove_at(struct page *page, uint32_t at)
{
    assert(at < page->count && page->count <= CRASHES_MAX);
    page->count--;
    memmove(&page->crashes[at], &page->crashes[at + 1], (page->count - at) * sizeof page->crashes[0]);
}

/* Counts a crash; if the table is full, the oldest row is removed. */
static struct crash *crashes_count(struct page *page, const struct crash *crash)
{
    assert(page->count <= CRASHES_MAX && crash->phase != CRASH_NOWHERE);
    for (uint32_t at = 0; at < page->count; at++) {
        if (!crashes_same(&page->crashes[at], crash)) continue;
        page->crashes[at].times++;
        page->crashes[at].mark = crash->mark;
        return &page->crashes[at];
    }
    if (page->count == CRASHES_MAX) remove_at(page, 0);
    page->crashes[page->count] = *crash;
    page->crashes[page->count].times = 1;
    return &page->crashes[page->count++];
}

/* Counts the crash of the last process by what it was doing. If putting something into quarantine has crashed, too,
 * it is next put there without touching its interaction. */
static void crashes_judge(struct crashes *crashes, struct page *page)
{
    struct crash crash = {.mark = page->mark, .snapshot = page->snapshot, .phase = page->phase};
    bool rests = page->mark.place != CORE_FIRES && page->mark.place != CORE_TAKES;
    if (page->phase == CRASH_NOWHERE || page->phase > CRASH_LIVE || (page->phase != CRASH_LOADING && rests)) return;
    if (page->phase == CRASH_LIVE && page->mark.kind == KIND_Quarantined) {
        for (uint32_t at = 0; at < page->count; at++) page->crashes[at].bare = true;
        crashes_tell(crashes, "the last run ended in %s; %s", &crash, "its interaction will be left as it is");
        return;
    }
    const struct crash *counted = crashes_count(page, &crash);
    crashes_tell(crashes, "the last run ended in %s; %s", counted,
                 counted->times < CRASHES_DUE ? "at the second time it is passed over"
                 : counted->phase == CRASH_LOADING
                     ? "it is passed over from now on"
                     : "it is put into quarantine and passed over from now on: gcxctl quarantine");
}

/* Reads the page that the last process has left; false: it is not readable for this version. */
static bool crashes_page_read(const char *path, struct page *page)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* without O_NONBLOCK, opening a pipe would wait */
    bool good = fd >= 0 && read(fd, page, sizeof *page) == (ssize_t)sizeof *page &&
                memcmp(page->crashes_magic, crashes_magic, sizeof crashes_magic) == 0 && page->format == CRASH_FORMAT &&
                page->size == sizeof *page && page->count <= CRASHES_MAX;
    if (fd >= 0) close(fd);
    return good;
}

/* Writes the counts durably, before anything is tried again: a new file replaces the old one. */
static bool crashes_page_write(const struct crashes *crashes, const struct page *page, struct error *error)
{
    return file_install(crashes->path, page, sizeof *page) || file_failed(crashes->path, error);
}

static bool page_map(struct crashes *crashes, struct error *error)
{
    int fd = open(crashes->path, O_RDWR | O_CLOEXEC);
    void *mapped = fd >= 0 ? mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) close(fd);
    if (mapped == MAP_FAILED) return file_failed(crashes->path, error);
    crashes->page = mapped;
    return true;
}

/* Ends the process without assert and without the log, since the core's thread may hold any lock. */
static void end_process(void)
{
    static const char text[] = "gcxvm: the core does not come out of one event or timer; this process ends\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) abort();
    abort();
}

static uint64_t worked_ms(void)
{
    struct timespec worked;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked);
    return (uint64_t)worked.tv_sec * 1000 + (uint64_t)worked.tv_nsec / 1000000;
}

enum { LOOK_MS = 1000 };

/* Every second adds the time for which the process has really worked: time in which the process or the machine was
 * suspended, or others used the processors, does not count. At least a tenth of a second always counts, else a core
 * that waits for ever without working would never be ended. */
static void *crashes_watch(void *self)
{
    struct crashes *crashes = self;
    volatile struct core_mark *mark = &crashes->page->mark;
    struct core_mark last = {.place = CORE_RESTS};
    struct timespec until;
    uint64_t seen_ms = 0, before_ms = worked_ms();
    pthread_mutex_lock(&crashes->lock);
    while (!crashes->ending) {
        bool stays = mark->place != CORE_RESTS && mark->place == last.place && mark->batch == last.batch &&
                     mark->index == last.index;
        uint64_t now_ms = worked_ms(), own_ms = now_ms - before_ms;
        if (own_ms > LOOK_MS) own_ms = LOOK_MS; /* several threads that work at the same time count as one */
        if (own_ms < LOOK_MS / 10) own_ms = LOOK_MS / 10;
        seen_ms = stays ? seen_ms + own_ms : 0;
        before_ms = now_ms;
        if (seen_ms >= (uint64_t)LOOK_MS * crashes->bound_s) end_process();
        last = (struct core_mark){.place = mark->place, .batch = mark->batch, .index = mark->index};
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&crashes->ends, &crashes->lock, &until);
    }
    pthread_mutex_unlock(&crashes->lock);
    return NULL;
}

static void watch_begin(struct crashes *crashes)
{
    assert(crashes->page);
    pthread_condattr_t attributes;
    /* The counts change while this thread runs. */
    if (crashes->bound_s == 0) crashes->bound_s = crashes->page->count != 0 ? CRASHES_SUSPECT_S : CRASHES_BOUND_S;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&crashes->ends, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&crashes->lock, NULL);
    if (pthread_create(&crashes->thread, NULL, crashes_watch, crashes) != 0) abort();
}

/* Reads the file, counts the crash and writes the file, and only then maps the page: so the counts are on the disk
 * before the core can crash again. */
struct crashes *crashes_open(const char *state, unsigned bound_s, const struct batches_watch *told, struct error *error)
{
    struct crashes *crashes = memory_zeroed(1, sizeof *crashes);
    struct page *page = memory_zeroed(1, sizeof *page);
    snprintf(crashes->path, sizeof crashes->path, "%.3000s/working", state);
    if (told) crashes->told = *told;
    crashes->bound_s = bound_s;
    if (crashes_page_read(crashes->path, page))
        crashes_judge(crashes, page);
    else
        *page = (struct page){.format = CRASH_FORMAT, .size = sizeof *page};
    memcpy(page->crashes_magic, crashes_magic, sizeof crashes_magic);
    page->phase = CRASH_NOWHERE;
    page->snapshot = 0;
    page->mark = (struct core_mark){.place = CORE_RESTS};
    bool good = crashes_page_write(crashes, page, error) && page_map(crashes, error);
    free(page);
    if (good) {
        watch_begin(crashes);
        return crashes;
    }
    free(crashes);
    return NULL;
}

/* Returns the page's counts; no other process writes them while the functions below read them. */
static struct page *crashes_counts(const struct crashes *crashes)
{
    return (struct page *)crashes->page;
}

/* Returns a crash that is due; those while loading a snapshot are left out, as a snapshot is put aside and not
 * skipped. */
const struct crash *crashes_due(const struct crashes *crashes, size_t index)
{
    const struct page *page = crashes_counts(crashes);
    for (uint32_t at = 0; at < page->count; at++) {
        const struct crash *crash = &page->crashes[at];
        if (crash->times < CRASHES_DUE || crash->phase == CRASH_LOADING) continue;
        if (index-- == 0) return crash;
    }
    return NULL;
}

/* If the process ends in order and nothing is due, removes the file: the next start has nothing to count. */
void crashes_free(struct crashes *crashes, bool in_order)
{
    if (!crashes) return;
    pthread_mutex_lock(&crashes->lock);
    crashes->ending = true;
    pthread_cond_signal(&crashes->ends);
    pthread_mutex_unlock(&crashes->lock);
    pthread_join(crashes->thread, NULL);
    pthread_cond_destroy(&crashes->ends);
    pthread_mutex_destroy(&crashes->lock);
    bool due = crashes_due(crashes, 0) != NULL;
    munmap((void *)crashes->page, sizeof(struct page));
    if (in_order && !due) unlink(crashes->path);
    free(crashes);
}

volatile struct core_mark *crashes_mark(struct crashes *crashes)
{
    return &crashes->page->mark;
}

/* Notes the phase; the mark is cleared before the phase changes, so that no phase ever has the mark of another. */
void crashes_phase(struct crashes *crashes, enum crash_phase phase, uint64_t snapshot)
{
    crashes->page->mark.place = CORE_RESTS;
    crashes->page->snapshot = snapshot;
    crashes->page->phase = phase;
}

bool crashes_by_loading(const struct crashes *crashes, uint64_t snapshot)
{
    const struct page *page = crashes_counts(crashes);
    for (uint32_t at = 0; at < page->count; at++)
        if (page->crashes[at].phase == CRASH_LOADING && page->crashes[at].snapshot == snapshot &&
            page->crashes[at].times >= CRASHES_DUE)
            return true;
    return false;
}

/* Has the journal got past the place of the crash? */
static bool crashes_is_over(const struct crash *crash, const struct core *core)
{
    const struct core_mark *mark = &crash->mark;
    if (core_quarantines(core, mark)) return true;
    return crash->phase == CRASH_LIVE && mark->place == CORE_TAKES && mark->key == 0 &&
           core_last_seq(core, mark->source) >= mark->number;
}

/* Forgets crashes at places that the journal has got past, as they cannot happen again. */
void crashes_recovered(struct crashes *crashes, const struct core *core)
{
    struct page *page = crashes_counts(crashes);
    for (uint32_t at = page->count; at-- > 0;)
        if (crashes_is_over(&page->crashes[at], core)) remove_at(page, at);
}

void crash_write(const struct crash *crash, struct writer *writer)
{
    const struct core_mark *mark = &crash->mark;
    uint64_t ixn = mark->running != 0 ? mark->running : mark->ixn;
    writer_begin(writer, KIND_Quarantined);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_conn(writer, ENVELOPE_conn, mark->conn);
    writer_u(writer, Quarantined_batch, mark->batch);
    writer_u(writer, Quarantined_index, mark->index);
    writer_u(writer, Quarantined_kind, mark->kind);
    writer_u(writer, Quarantined_link, mark->source);
    writer_u(writer, Quarantined_number, mark->number);
    writer_u(writer, Quarantined_key, mark->key);
    writer_u(writer, Quarantined_timer, mark->timer);
    writer_u(writer, Quarantined_part, mark->part);
    writer_u(writer, Quarantined_owner, mark->owner);
    writer_u(writer, Quarantined_due, mark->due_us);
    writer_u(writer, Quarantined_recorded, crash->phase == CRASH_REPLAY);
    writer_u(writer, Quarantined_bare, crash->bare);
    writer_end(writer);
}
