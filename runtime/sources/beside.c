/* runtime/sources/beside.c - The process beside, and the functions of SQL that ask it.
 *
 *   select score(?1, 5)  --SQLite-->  beside_call  --socket-->  gcxvm --natives FILE  -->  gcx_native_score
 *
 * Each thread of a source has a process of its own, started by the first question and anew after one that has ended. A
 * process whose answer is too late or wanted no more is killed: nobody can stop a function in C otherwise. While one
 * after the other crashes, questions fail at once for a while that doubles. */
#include "config.h"
#include "runtime/sources/beside.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/natives/serve.h"
#include "runtime/vocabulary/memory.h"
#include "vm/image.h"

enum { FUNCTIONS_MAX = 64, BESIDE_LOOK_MS = 50, BESIDE_PAUSE_US = 20000, BESIDE_PAUSE_MAX_US = 2000000 };

struct beside_function {
    struct beside *beside;
    char name[NATIVE_NAME_MAX + 1];
};

struct beside {
    const struct source_options *options;
    pid_t pid; /* 0: none runs */
    int fd;
    uint64_t again_us, pause_us; /* none is started before */
    const struct source_query *query;
    struct beside_function *functions[FUNCTIONS_MAX];
    unsigned count;
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
    kill(beside->pid, SIGKILL);
    while (waitpid(beside->pid, &status, 0) < 0 && errno == EINTR) continue;
    beside->pid = 0;
    return status;
}

void beside_forget(struct beside *beside)
{
    for (unsigned i = 0; i < beside->count; i++) free(beside->functions[i]);
    beside->count = 0;
}

void beside_free(struct beside *beside)
{
    if (!beside) return;
    beside_end(beside);
    beside_forget(beside);
    free(beside);
}

/* The first failure of a query stays. False. */
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

/* ---- the process ---- */

/* Nothing of the environment but what the loader and a sanitizer read. */
static char *const *beside_environment(char *kept[4])
{
    static const char *const names[] = {"LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "TZ="};
    extern char **environ;
    unsigned count = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        for (char **at = environ; *at; at++)
            if (strncmp(*at, names[i], strlen(names[i])) == 0) kept[count++] = *at;
    kept[count] = NULL;
    return kept;
}

static bool beside_spawn(struct beside *beside)
{
    char *arguments[] = {(char[]){"gcxvm"}, (char[]){"--natives"}, (char *)(uintptr_t)beside->options->natives, NULL};
    char *kept[4];
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return beside_fail(beside, outcome_error, code_unavailable, "no process beside: %s", strerror(errno));
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int result =
        posix_spawn(&beside->pid, "/proc/self/exe", &actions, &attributes, arguments, beside_environment(kept));
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    beside->fd = ends[0];
    if (result == 0) return true;
    close(ends[0]);
    beside->pid = 0;
    return beside_fail(beside, outcome_error, code_unavailable, "no process beside: %s", strerror(result));
}

static bool beside_start(struct beside *beside)
{
    if (beside->pid != 0) return true;
    if (clock_monotonic_us() < beside->again_us)
        return beside_fail(beside, outcome_error, code_unavailable,
                           "the process of %s has ended again and again; it is started again soon",
                           beside->options->natives);
    return beside_spawn(beside);
}

/* It has ended by itself, or sends what is no answer, or has closed its socket and goes on. It is killed: one that is
 * ending keeps its own cause. False. */
static bool beside_died(struct beside *beside, const char *name)
{
    const struct source_query *query = beside->query;
    int status = beside_end(beside);
    beside->again_us = clock_monotonic_us() + beside->pause_us;
    if (beside->pause_us < BESIDE_PAUSE_MAX_US)
        beside->pause_us = beside->pause_us == 0 ? BESIDE_PAUSE_US : 2 * beside->pause_us;
    if (!WIFSIGNALED(status))
        return beside_fail(beside, outcome_error, query->write ? code_outcome_unknown : code_unavailable,
                           "%s ended the process of %s", name, beside->options->natives);
    return beside_fail(beside, outcome_error, query->write ? code_outcome_unknown : code_unavailable,
                       "%s ended the process of %s by signal %d (%s)", name, beside->options->natives, WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
}

/* Waits until it can be read or written. False: the time is over, and it is killed. */
static bool beside_wait(struct beside *beside, short what, const char *name)
{
    const struct source_query *query = beside->query;
    for (;;) {
        uint64_t now_us = clock_monotonic_us();
        if (atomic_load(&query->cancelled) || now_us >= query->deadline_us) {
            beside_end(beside);
            return query->write ? beside_fail(beside, outcome_error, code_outcome_unknown,
                                              "%s was killed when its time was over", name)
                                : beside_fail(beside, outcome_timeout, code_timeout,
                                              "%s was not done within the time given", name);
        }
        uint64_t left_ms = (query->deadline_us - now_us + 999) / 1000;
        struct pollfd one = {.fd = beside->fd, .events = what};
        if (poll(&one, 1, left_ms < BESIDE_LOOK_MS ? (int)left_ms : BESIDE_LOOK_MS) > 0) return true;
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

/* The answer's pair, which borrows from `beside`. False: it has failed. */
static bool beside_ask(struct beside *beside, const char *name, struct kv *question, struct kv_pair *answer)
{
    uint8_t head[NATIVES_SERVE_HEAD];
    uint32_t at = 0;
    if (question->length > KV_BYTES_MAX)
        return beside_fail(beside, outcome_error, code_too_large, "the values of %s have more than %d bytes", name,
                           KV_BYTES_MAX);
    natives_head_write(head, (uint32_t)question->length);
    if (!beside_start(beside) || !beside_move(beside, head, sizeof head, true, name) ||
        !beside_move(beside, question->bytes, question->length, true, name) ||
        !beside_move(beside, head, sizeof head, false, name))
        return false;
    struct span whole = {beside->answer, natives_head_read(head)};
    if (whole.length > sizeof beside->answer) return beside_died(beside, name);
    if (!beside_move(beside, beside->answer, whole.length, false, name)) return false;
    if (!kv_check(whole, NULL) || !kv_next(whole, &at, answer)) return beside_died(beside, name);
    beside->pause_us = 0;
    if (!span_is(answer->key, "error")) return true;
    return beside_fail(beside, outcome_error, code_refused, "%s: %.*s", name, (int)answer->value.span.length,
                       (const char *)answer->value.span.bytes);
}

/* ---- functions of SQL ---- */

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
    default: /* the library refuses it by its place */
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
    else /* the library has written to our socket by itself */
        sqlite3_result_null(context);
}

static void beside_call(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct beside_function *function = sqlite3_user_data(context);
    struct kv question;
    struct kv_pair answer;
    kv_init(&question);
    kv_list_begin(&question, span_of(function->name));
    for (int i = 0; i < count && argument_put(&question, values[i]); i++) continue;
    kv_list_end(&question);
    if (!function->beside->failed && beside_ask(function->beside, function->name, &question, &answer))
        result_take(context, &answer.value);
    else
        sqlite3_result_error(context, function->beside->why, -1);
    kv_free(&question);
}

static bool beside_knows(const struct beside *beside, const char *name)
{
    for (unsigned i = 0; i < beside->count; i++)
        if (strcasecmp(beside->functions[i]->name, name) == 0) return true;
    return false;
}

/* A name before a parenthesis may be the library's, or SQL's own. False: the process has failed. */
static bool function_offer(struct beside *beside, sqlite3 *db, const char *name)
{
    struct kv question;
    struct kv_pair answer;
    if (beside_knows(beside, name) || beside->count == FUNCTIONS_MAX) return true;
    kv_init(&question);
    kv_put_none(&question, name);
    bool good = beside_ask(beside, name, &question, &answer);
    kv_free(&question);
    if (!good || answer.value.tag != KV_TEXT) return good;
    struct beside_function *function = memory_zeroed(1, sizeof *function);
    function->beside = beside;
    snprintf(function->name, sizeof function->name, "%s", name);
    beside->functions[beside->count++] = function;
    sqlite3_create_function_v2(db, name, -1, SQLITE_UTF8, function, beside_call, NULL, NULL, NULL);
    return true;
}

bool beside_begin(struct beside *beside, sqlite3 *db, const struct source_query *query, struct answer *answer)
{
    char name[NATIVE_NAME_MAX + 1];
    beside->query = query;
    beside->failed = false;
    for (const char *at = query->text; *at;) {
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || at[length] == '_') length++;
        const char *behind = at + length + strspn(at + length, " \t\r\n");
        if (length > 0 && length < sizeof name && *behind == '(') {
            snprintf(name, sizeof name, "%.*s", (int)length, at);
            if (!function_offer(beside, db, name)) return beside_failed(beside, answer), false;
        }
        at += length > 0 ? length : 1;
    }
    return true;
}

bool beside_failed(const struct beside *beside, struct answer *answer)
{
    if (beside->failed) answer_fail(answer, beside->outcome, beside->code, "%s", beside->why);
    return beside->failed;
}
