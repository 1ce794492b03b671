/* runtime/twin/shadow.c - gcxtwin shadow: asks gcxvm where its journal is, has a child play the other version beside
 * it, and tells what was found, whatever becomes of the child.
 *
 *     gcxvm <---- request, again every few seconds ---- this process ---- counts, shared ----.
 *       |                                                    | ends it, tells                  |
 *       '---- journal ------------------- read only ------> child: shadow_play() -------------'
 *
 * While the connection is there, gcxctl versions shows the shadow. A gcxvm that goes away ends nothing: its journal may
 * go on under the next one. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/natives/natives.h"
#include "runtime/twin/doors.h"
#include "runtime/twin/exits.h"
#include "runtime/twin/shadow_play.h"
#include "runtime/twin/tell.h"
#include "base/memory.h"
#include "base/shown.h"
#include "base/usage.h"
#include "base/written.h"

struct shadow_line {
    const char *socket;
    int64_t for_us; /* 0: until Ctrl-C */
    bool json;
};

#define OPTIONS_DEF  "runtime/twin/shadow_options.def"
#define OPTIONS_LINE struct shadow_line
#define EXITS_DEF    "runtime/twin/exits.def"
#include "base/usage_rows.h"

enum { WATCH_MS = 100, SAY_EACH_US = 3000000, SAY_BEHIND_US = 1000000, SHADOW_SUM = 200 };

static const char *shadow_read(void *into, int option, const char *text)
{
    struct shadow_line *line = into;
    (void)option; /* `for` is the only one */
    return written_duration(text, strlen(text), &line->for_us) && line->for_us > 0 ? NULL
                                                                                   : "takes a duration, as 1h or 90s";
}

static const struct usage usage = {
    .program = "gcxtwin shadow",
    .head =
        "Usage: gcxtwin shadow [--for DURATION] [--json] [--socket PATH] POINT IMAGE\n"
        "\n"
        "Decides what arrives at the routing point POINT by IMAGE, too, beside the gcxvm that runs: only the running\n"
        "version acts. Tells what IMAGE would have decided otherwise, where and why. IMAGE: a file, or of the images\n"
        "in the journal a hash, its first digits, or a strategy.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = shadow_read,
};

/* A shadow as the process sees it that tells. */
struct shadow_telling {
    const struct shadow_line *line;
    const char *point, *what;
    char image[PATH_MAX]; /* the file's whole path, or the hash of a loaded image */
    char state[PATH_MAX];
    FILE *stream; /* gcxvm's admin socket; NULL: it is away */
    struct natives *natives;
    struct shadow_shared *shared;
    uint64_t said_us; /* monotonic: when gcxvm was told last */
    pid_t child;
    bool gone_told;
};

/* ---- gcxvm ---- */

/* Sends the request and returns the answer. NULL with the reason: it is refused, or nobody answers, and then the
 * connection is over. */
static json_t *shadow_ask(struct shadow_telling *t, struct error *error)
{
    char sum[SHADOW_SUM];
    tell_counts(&t->shared->tally, sum, sizeof sum);
    t->said_us = host_monotonic_us();
    json_t *request =
        json_pack("{s:s,s:s,s:s,s:s}", "command", "shadow", "point", t->point, "image", t->what, "told", sum);
    json_t *answer = door_ask(t->stream, request, error);
    if (!answer && error->code != ERROR_DENIED) {
        (void)fclose(t->stream);
        t->stream = NULL;
    }
    return answer;
}

/* Is the image given as a file that is there? Then its whole path is kept for the commands that are told. */
static bool shadow_is_file(struct shadow_telling *t)
{
    struct stat found;
    return stat(t->what, &found) == 0 && realpath(t->what, t->image);
}

/* Asks where the journal is, which loaded image is meant, and which libraries its images may call. */
static bool shadow_ask_where(struct shadow_telling *t, struct error *error)
{
    struct error why = {0};
    t->stream = door_connect(t->line->socket, &why);
    json_t *answer = t->stream ? shadow_ask(t, &why) : NULL, *row;
    size_t i;
    if (!answer) return error_set(error, why.code, "gcxvm at %.200s: %.300s", t->line->socket, why.text);
    const char *state = json_string_value(json_object_get(answer, "state"));
    const char *hash = json_string_value(json_object_get(answer, "image"));
    (void)snprintf(t->state, sizeof t->state, "%s", state ? state : "");
    if (!shadow_is_file(t) && hash) (void)snprintf(t->image, sizeof t->image, "%s", hash);
    t->natives = natives_new("`native % { libraries = {\"%.so\"} }` in the configuration of gcxvm allows it", false);
    json_array_foreach(json_object_get(answer, "natives"), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *path = json_string_value(json_object_get(row, "path"));
        if (name && path) natives_allow(t->natives, name, path);
    }
    json_decref(answer);
    if (*t->image) return true;
    return error_set(
        error, ERROR_UNKNOWN,
        "%.120s is no file, and neither a strategy nor the first digits of one loaded image: gcxc build makes "
        "the file, gcxctl strategies lists the images",
        t->what);
}

/* Tells gcxvm every few seconds that the shadow is still played, and connects again if it was away. */
static void shadow_say(struct shadow_telling *t)
{
    struct error why = {0};
    if (host_monotonic_us() - t->said_us < SAY_EACH_US) return;
    t->said_us = host_monotonic_us();
    if (!t->stream) t->stream = door_connect(t->line->socket, &why);
    if (t->stream) {
        json_decref(shadow_ask(t, &why));
        if (t->stream) return;
    }
    if (!t->gone_told)
        shown_print(stderr, "gcxtwin: gcxvm at %s is away: the shadow goes on with what comes into its journal\n",
                    t->line->socket);
    t->gone_told = true;
}

/* ---- the child ---- */

/* The child's whole life: it ends with its parent, and leaves what it has counted in the shared memory. */
static _Noreturn void shadow_child(const struct shadow_telling *t, pid_t parent)
{
    const struct shadow_terms terms = {.state = t->state,
                                       .point = t->point,
                                       .image = t->image,
                                       .for_us = (uint64_t)t->line->for_us,
                                       .natives = t->natives,
                                       .stop = &door_stops,
                                       .shared = t->shared};
    (void)signal(SIGINT, SIG_IGN); /* a terminal sends it to both; the parent hands it on */
    (void)signal(SIGHUP, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(TWIN_EXIT_trouble);
    _exit(shadow_play(&terms) ? TWIN_EXIT_same : TWIN_EXIT_trouble);
}

static void shadow_progress(const struct shadow_telling *t, bool ends)
{
    char sum[SHADOW_SUM];
    if (t->line->json || isatty(STDERR_FILENO) == 0) return;
    if (ends) {
        fputs("\r\033[K", stderr);
        return;
    }
    tell_counts(&t->shared->tally, sum, sizeof sum);
    uint64_t took_s = (host_monotonic_us() - t->shared->began_us) / 1000000;
    fprintf(stderr, "\r\033[K%" PRIu64 " s  %s", took_s, sum);
    fflush(stderr);
}

/* Tells once why the end takes its time: on a busy machine calls come first, and a shadow falls behind. */
static void shadow_tell_behind(const struct shadow_telling *t, uint64_t stopped_us, bool *told)
{
    uint64_t behind = atomic_load(&t->shared->behind);
    if (*told || stopped_us == 0 || behind == 0 || host_monotonic_us() - stopped_us < SAY_BEHIND_US) return;
    *told = true;
    shown_print(stderr,
                "gcxtwin: %" PRIu64 " batches of the journal are still compared; Ctrl-C again ends it at once\n",
                behind);
}

/* Waits for the child's end, and stops it when a signal has come. Returns its status. */
static int shadow_await(struct shadow_telling *t)
{
    bool follows = false, behind_told = false;
    uint64_t stopped_us = 0;
    int stopped = 0;
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(t->child, &status, WNOHANG);
        if (ended == t->child || (ended < 0 && errno != EINTR)) break;
        if (!follows && atomic_load(&t->shared->phase) == SHADOW_FOLLOWS) {
            follows = true;
            shown_print(stderr, "gcxtwin: %s shadows %s at %s; Ctrl-C ends it and tells what was found\n", t->what,
                        t->shared->present, t->point);
        }
        if (follows) shadow_progress(t, false);
        if (stopped_us == 0 && door_stops > 0) stopped_us = host_monotonic_us();
        for (; stopped < door_stops; stopped++) (void)kill(t->child, stopped < 2 ? SIGTERM : SIGKILL);
        shadow_tell_behind(t, stopped_us, &behind_told);
        shadow_say(t);
        (void)poll(NULL, 0, WATCH_MS);
    }
    if (follows) shadow_progress(t, true);
    return status;
}

/* Says why the child ended before its time; NULL: it did not. */
static const char *shadow_ended(const struct shadow_telling *t, int status, char *text, size_t size)
{
    const char *failure = t->shared->failure;
    if (WIFEXITED(status) && WEXITSTATUS(status) == TWIN_EXIT_same) return NULL;
    if (WIFEXITED(status) && WEXITSTATUS(status) == TWIN_EXIT_memory)
        (void)snprintf(text, size, "the candidate took more memory than it was allowed");
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM)
        (void)snprintf(text, size, "the candidate did not come to an end with a batch");
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) /* so the core ends where it gets no memory */
        (void)snprintf(text, size, "the candidate took more memory than it was allowed, or broke the core that ran it");
    else if (WIFSIGNALED(status))
        (void)snprintf(text, size, "the process that played the candidate was ended by signal %d (%s)",
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        (void)snprintf(text, size, "%s", *failure ? failure : "it could not be played");
    return text;
}

static int shadow_tell(const struct shadow_telling *t, int status)
{
    char text[600];
    const char *ended = shadow_ended(t, status, text, sizeof text);
    const struct rival_tally *tally = &t->shared->tally;
    if (atomic_load(&t->shared->phase) == SHADOW_BEGINS) {
        shown_print(stderr, "gcxtwin: %s\n", ended ? ended : "it was ended before it began");
        return TWIN_EXIT_trouble;
    }
    const struct tell_head head = {.door = "shadow",
                                   .point = t->point,
                                   .image = t->image,
                                   .state = t->state,
                                   .present = t->shared->present,
                                   .took_us = host_monotonic_us() - t->shared->began_us,
                                   .ended = ended};
    if (t->line->json) {
        json_t *object = tell_json(tally, &head);
        (void)json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(object);
    } else {
        tell_print(tally, &head, stdout);
    }
    if (!usage_printed(&usage, "the result")) return TWIN_EXIT_trouble;
    return ended && tell_exit(tally) != TWIN_EXIT_differs ? TWIN_EXIT_trouble : tell_exit(tally);
}

int shadow_main(int argc, char **argv)
{
    struct shadow_line line = {.socket = getenv("GCX_ADMIN")};
    struct error error = {0};
    int end, status;
    if (!usage_read(&usage, &line, argc, argv, &end)) return end;
    if (argc - optind != 2) return usage_wrong(&usage, "expected a routing point and an image");
    if (!line.socket || !*line.socket) return usage_wrong(&usage, "expected --socket, or GCX_ADMIN in the environment");
    struct shadow_telling t = {.line = &line, .point = argv[optind], .what = argv[optind + 1]};
    void *shared = mmap(NULL, sizeof *t.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return TWIN_EXIT_memory;
    t.shared = shared;
    door_signals();
    bool good = shadow_ask_where(&t, &error);
    const pid_t parent = getpid();
    if (good) t.child = fork();
    if (good && t.child == 0) shadow_child(&t, parent);
    if (!good || t.child < 0) {
        shown_print(stderr, "gcxtwin: %s\n", good ? strerror(errno) : error.text);
        status = TWIN_EXIT_trouble;
    } else {
        status = shadow_tell(&t, shadow_await(&t));
    }
    if (t.stream) (void)fclose(t.stream);
    natives_free(t.natives);
    (void)munmap(shared, sizeof *t.shared);
    return status;
}
