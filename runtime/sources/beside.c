/* runtime/sources/beside.c - The second process that calls natives for a SQLite source, and the SQL functions that
 * ask it.
 *
 *     select score(?1, 5)  --SQLite-->  beside_call  --socket-->  gcxvm --natives FILE  -->  gcx_native_score
 *
 * Each thread of a source has such a process, which is started by the first question, and again after it has ended. If
 * the answer of a process comes too late or is not wanted any more, the process and all that it has forked are killed:
 * a function in C cannot be stopped otherwise. While processes crash one after the other, questions fail at once for a
 * time that doubles with each crash. */
#include "runtime/sources/beside.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/natives/serve.h"
#include "base/child.h"
#include "base/file.h"
#include "base/memory.h"
#include "vm/image.h"

enum { BESIDE_LOOK_MS = 50, BESIDE_PAUSE_US = 20000, BESIDE_PAUSE_MAX_US = 2000000 };

struct beside_function {
    struct beside *beside;
    char name[NATIVE_NAME_MAX + 1];
};

struct beside {
    const struct source_options *options;
    pid_t pid; /* 0: none runs */
    int fd;
    uint32_t asked;                /* the number of the last question */
    struct file_identity identity; /* the identity of the library's file that the process has opened */
    uint64_t again_us, pause_us;   /* before `again_us` no process is started */
    const struct source_query *query;
    bool called; /* a function was called in this query, and may have done something */
    uint8_t answer[KV_BYTES_MAX];
    bool failed;
    enum outcome outcome;
    enum code code;
    char why[300];
};

struct beside *beside_new(const struct source_options *options)
{
    struct beside *beside = memory_zeroed(1, sizeof *beside);
    beside->options = options;
    return beside;
}

static int beside_end(struct beside *beside)
{
    int status = 0;
    if (beside->pid == 0) return 0;
    close(beside->fd);
    kill(-beside->pid, SIGKILL);
    kill(beside->pid, SIGKILL); /* the process may have moved to another group */
    while (waitpid(beside->pid, &status, 0) < 0 && errno == EINTR) continue;
    beside->pid = 0;
    return status;
}

void beside_free(struct beside *beside)
{
    if (!beside) return;
    beside_end(beside);
    free(beside);
}

/* Fails the query, and returns false; only the first failure is kept. */
static bool __attribute__((format(printf, 4, 5)))
beside_fail(struct beside *beside, enum outcome outcome, enum code code, const char *format, ...)
{
    va_list more;
    if (beside->failed) return false;
    beside->failed = true;
    beside->outcome = outcome, beside->code = code;
    va_start(more, format);
    vsnprintf(beside->why, sizeof beside->why, format, more);
    va_end(more);
    return false;
}

/* Returns the code of a failure: outcome unknown if a function was called, since it may have done its work. */
static enum code beside_code(const struct beside *beside)
{
    return beside->query->write && beside->called ? code_outcome_unknown : code_unavailable;
}

/* ---- the process ---- */

/* Makes the environment of the process: only variables that the loader, a sanitizer and time zones need. */
static char *const *beside_environment(char *kept[4])
{
    static const char *const names[] = {"LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "TZ="};
    extern char **environ;
    unsigned count = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        for (char **at = environ; *at; at++)
            if (strncmp(*at, names[i], strlen(names[i])) == 0) {
                kept[count++] = *at;
                break;
            }
    kept[count] = NULL;
    return kept;
}

static bool beside_spawn(struct beside *beside)
{
    char *arguments[] = {(char[]){"gcxvm"}, (char[]){"--natives"}, (char *)(uintptr_t)beside->options->natives, NULL};
    char *kept[4];
    posix_spawn_file_actions_t actions;
    struct stat library;
    int ends[2];
    if (stat(beside->options->natives, &library) == 0) beside->identity = file_identity(&library);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return beside_fail(beside, outcome_error, beside_code(beside), "no process beside: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int result = child_spawn(&beside->pid, "/proc/self/exe", &actions, true, arguments, beside_environment(kept));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    beside->fd = ends[0];
    if (result == 0) return true;
    close(ends[0]);
    return beside_fail(beside, outcome_error, beside_code(beside), "no process beside: %s", strerror(result));
}

/* Looks before a question whether the process can be used: between two questions nothing may come from it. A process
 * that has ended is replaced; so is one whose library has written to the socket by itself, because these bytes would be
 * taken for an answer. */
static bool beside_start(struct beside *beside)
{
    uint8_t byte;
    if (beside->pid != 0 && recv(beside->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) return true;
    beside_end(beside);
    if (host_monotonic_us() < beside->again_us)
        return beside_fail(beside, outcome_error, beside_code(beside),
                           "the process of %s has ended again and again; it is started again soon",
                           beside->options->natives);
    return beside_spawn(beside);
}

/* Ends the process after a crash, and sets a pause before the next one is started. Returns the status with which the
 * process ended. */
static int beside_give_up(struct beside *beside)
{
    int status = beside_end(beside);
    beside->again_us = host_monotonic_us() + beside->pause_us;
    if (beside->pause_us < BESIDE_PAUSE_MAX_US)
        beside->pause_us = beside->pause_us == 0 ? BESIDE_PAUSE_US : 2 * beside->pause_us;
    return status;
}

/* Handles a process that has ended by itself, or has closed its socket; returns false. The process is killed in any
 * case; a process that was ending already keeps its own cause of the end. */
static bool beside_died(struct beside *beside, const char *name)
{
    int status = beside_give_up(beside);
    if (!WIFSIGNALED(status))
        return beside_fail(beside, outcome_error, beside_code(beside), "%s ended the process of %s", name,
                           beside->options->natives);
    return beside_fail(beside, outcome_error, beside_code(beside), "%s ended the process of %s by signal %d (%s)", name,
                       beside->options->natives, WTERMSIG(status), strsignal(WTERMSIG(status)));
}

/* Kills the process and fails the query; returns false. */
static bool beside_lied(struct beside *beside, const char *name)
{
    beside_give_up(beside);
    return beside_fail(beside, outcome_error, beside_code(beside),
                       "the process of %s has sent what is no answer, while %s was asked", beside->options->natives,
                       name);
}

/* Has the process ended? The children of the process may keep the socket open for longer. */
static bool beside_ended(const struct beside *beside)
{
    siginfo_t found = {.si_pid = 0};
    return waitid(P_PID, (id_t)beside->pid, &found, WEXITED | WNOHANG | WNOWAIT) == 0 && found.si_pid != 0;
}

/* Waits until the socket can be read or written. False: the deadline has passed, and the process is killed. */
static bool beside_wait(struct beside *beside, short what, const char *name)
{
    const struct source_query *query = beside->query;
    for (;;) {
        uint64_t now_us = host_monotonic_us();
        if (atomic_load(&query->cancelled) || now_us >= query->deadline_us) {
            beside_end(beside);
            return query->write && beside->called ? beside_fail(beside, outcome_error, code_outcome_unknown,
                                                                "%s was killed when its time was over", name)
                                                  : beside_fail(beside, outcome_timeout, code_timeout,
                                                                "%s was not done within the time given", name);
        }
        bool ended = beside_ended(beside);
        uint64_t left_ms = (query->deadline_us - now_us + 999) / 1000;
        struct pollfd one = {.fd = beside->fd, .events = what};
        int wait_ms = left_ms < BESIDE_LOOK_MS ? (int)left_ms : BESIDE_LOOK_MS;
        if (poll(&one, 1, ended ? 0 : wait_ms) > 0) return true;
        if (ended) return beside_died(beside, name);
    }
}

static bool beside_move(struct beside *beside, uint8_t *bytes, size_t length, bool sends, const char *name)
{
    for (size_t done = 0; done < length;) {
        if (!beside_wait(beside, sends ? POLLOUT : POLLIN, name)) return false;
        ssize_t moved = sends ? send(beside->fd, bytes + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT)
                              : recv(beside->fd, bytes + done, length - done, MSG_DONTWAIT);
        if (moved < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (moved <= 0) return beside_died(beside, name);
        done += (size_t)moved;
    }
    return true;
}

/* Reads the answer to the last question; an answer with another number was written by the library itself, or comes
 * late, and is ignored. False: it has failed. */
static bool beside_hear(struct beside *beside, const char *name, struct span *whole)
{
    uint8_t bytes[NATIVES_SERVE_HEAD];
    struct natives_head head;
    do {
        if (!beside_move(beside, bytes, sizeof bytes, false, name)) return false;
        head = natives_head_read(bytes);
        if (head.length > sizeof beside->answer) return beside_lied(beside, name);
        if (!beside_move(beside, beside->answer, head.length, false, name)) return false;
    } while (head.number != beside->asked);
    *whole = (struct span){beside->answer, head.length};
    return true;
}

/* Asks the process a question; `answer` gets the pair in its answer, whose bytes are in `beside`. False: it has
 * failed. */
static bool beside_ask(struct beside *beside, const char *name, bool calls, struct kv *question, struct kv_pair *answer)
{
    uint8_t head[NATIVES_SERVE_HEAD];
    uint32_t at = 0;
    if (question->length > KV_BYTES_MAX)
        return beside_fail(beside, outcome_error, code_too_large, "the values of %s have more than %d bytes", name,
                           KV_BYTES_MAX);
    if (!kv_check((struct span){question->bytes, (uint32_t)question->length}, NULL))
        return beside_fail(beside, outcome_error, code_refused, "a text for %s is not UTF-8, or has a zero byte", name);
    natives_head_write(head, (struct natives_head){(uint32_t)question->length, ++beside->asked});
    if (!beside_start(beside)) return false;
    beside->called |= calls;
    struct span whole;
    if (!beside_move(beside, head, sizeof head, true, name) ||
        !beside_move(beside, question->bytes, question->length, true, name) || !beside_hear(beside, name, &whole))
        return false;
    if (!kv_check(whole, NULL) || !kv_next(whole, &at, answer)) return beside_lied(beside, name);
    if (!span_is(answer->key, "error")) return true;
    return beside_fail(beside, outcome_error, code_refused, "%s: %.*s", name, (int)answer->value.span.length,
                       (const char *)answer->value.span.bytes);
}

/* ---- SQL functions ---- */

static bool argument_put(struct kv *question, sqlite3_value *given)
{
    struct kv_value value = {.tag = KV_NONE};
    switch (sqlite3_value_type(given)) {
    case SQLITE_INTEGER:
        value = (struct kv_value){.tag = KV_INT, .word = sqlite3_value_int64(given)};
        break;
    case SQLITE_FLOAT:
        value = (struct kv_value){.tag = KV_FLOAT, .number = sqlite3_value_double(given)};
        break;
    case SQLITE_TEXT:
        value.tag = KV_TEXT;
        value.span.bytes = sqlite3_value_text(given);
        value.span.length = (uint32_t)sqlite3_value_bytes(given);
        break;
    default: /* a native cannot get NULL or a blob */
        break;
    }
    kv_put(question, span_of(""), &value);
    return question->length <= KV_BYTES_MAX;
}

static void result_take(sqlite3_context *context, const struct kv_value *value)
{
    if (value->tag == KV_TEXT)
        sqlite3_result_text(context, (const char *)value->span.bytes, (int)value->span.length, SQLITE_TRANSIENT);
    else if (value->tag == KV_FLOAT)
        sqlite3_result_double(context, value->number);
    else if (value->tag == KV_INT)
        sqlite3_result_int64(context, value->word);
    else /* no value can be returned for this answer */
        sqlite3_result_null(context);
}

static void beside_call(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct beside_function *function = sqlite3_user_data(context);
    struct beside *beside = function->beside;
    struct kv question;
    struct kv_pair answer;
    kv_init(&question);
    kv_list_begin(&question, span_of(function->name));
    for (int i = 0; i < count && argument_put(&question, values[i]); i++) continue;
    kv_list_end(&question);
    if (!beside->failed && beside_ask(beside, function->name, true, &question, &answer))
        result_take(context, &answer.value);
    else
        sqlite3_result_error(context, beside->why, -1);
    if (beside->pid != 0) beside->pause_us = 0; /* the process is alive */
    kv_free(&question);
}

void beside_begin(struct beside *beside, const struct source_query *query)
{
    bool there;
    /* The library's file was replaced: the new file is used from now on. */
    if (beside->pid != 0 && !file_still(beside->options->natives, &beside->identity, &there) && there)
        beside_end(beside);
    beside->query = query;
    beside->failed = beside->called = false;
}

bool beside_offer(struct beside *beside, sqlite3 *db, const char *name)
{
    struct kv question;
    struct kv_pair answer;
    size_t length = strlen(name);
    if (length > NATIVE_NAME_MAX) return false;
    struct beside_function *function = memory_zeroed(1, sizeof *function);
    function->beside = beside;
    for (size_t i = 0; i < length; i++) function->name[i] = (char)tolower((unsigned char)name[i]);
    kv_init(&question);
    kv_put_none(&question, function->name);
    bool has = beside_ask(beside, function->name, false, &question, &answer) && answer.value.tag == KV_TEXT;
    kv_free(&question);
    if (!has) free(function);
    /* Registers a function with SQLite, which owns `function` from then on and frees it even if this fails. */
    return has && sqlite3_create_function_v2(db, function->name, -1, SQLITE_UTF8, function, beside_call, NULL, NULL,
                                             free) == SQLITE_OK;
}

bool beside_failed(const struct beside *beside, struct answer *answer)
{
    if (beside->failed) answer_fail(answer, beside->outcome, beside->code, "%s", beside->why);
    return beside->failed;
}
