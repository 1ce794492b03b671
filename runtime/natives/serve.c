/* runtime/natives/serve.c - The process that opens a library, and calls its natives one after the other. */
#include "runtime/natives/serve.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/vocabulary/kv.h"
#include "base/utf8.h"
#include "vm/native.h"
#include "base/file.h"

enum { SECOND_US = 1000000 };

static void *library_handle;
static const char *library_trouble; /* why the library could not be opened */

/* ---- what this process may do ---- */

/* Ends this process and all that it has forked, because the caller has ended. */
static void serve_over(int number)
{
    (void)number;
    kill(-getpid(), SIGKILL);
    kill(getpid(), SIGKILL); /* a library may have moved the process to another group */
}

#if defined(__x86_64__)
#define SERVE_ARCH     AUDIT_ARCH_X86_64
#define SERVE_CALL_END 0x40000000U /* the numbers of x32 calls begin here, under the same architecture */
#elif defined(__aarch64__)
#define SERVE_ARCH     AUDIT_ARCH_AARCH64
#define SERVE_CALL_END 0x80000000U
#endif

/* Forbids the library to send signals to the caller, to its group, or to all processes: kill(fork(), SIGTERM) does
 * the last if fork fails. A question without an answer is asked again after each start of the caller, so such a
 * signal would kill the caller again and again. The first argument of each of these system calls is a process or, if
 * negative, a group. The numbers of system calls belong to one architecture: a call of another one (i386 and x32 on
 * x86-64) ends the process. */
static void serve_spares_caller(void)
{
#ifdef SERVE_ARCH
#define LOAD(FIELD)          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, FIELD))
#define SAME(VALUE, YES, NO) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(VALUE), YES, NO)
#define KILL                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
    pid_t caller = getppid();
    struct sock_filter rules[] = {
        LOAD(arch),
        SAME(SERVE_ARCH, 1, 0),
        KILL,
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SERVE_CALL_END, 0, 1),
        KILL,
        SAME(SYS_kill, 5, 0),
        SAME(SYS_tkill, 4, 0),
        SAME(SYS_tgkill, 3, 0),
        SAME(SYS_rt_sigqueueinfo, 2, 0),
        SAME(SYS_rt_tgsigqueueinfo, 1, 0),
        SAME(SYS_pidfd_open, 0, 4),
        LOAD(args[0]), /* the lower half of the argument: both architectures are little-endian */
        SAME(caller, 3, 0),
        SAME(-getpgid(caller), 2, 0),
        SAME(-1, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
#undef LOAD
#undef SAME
#undef KILL
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){sizeof rules / sizeof *rules, rules});
#endif
}

/* Separates this process from the caller: it closes the caller's files, so that the library cannot reach its keys
 * and connections, and it ends with the caller. The process leads a group of its own (beside.c). The signal of the
 * caller's end is one that libraries do not use. */
static void serve_alone(uint64_t memory)
{
    close_range(3, ~0U, 0);
    if (getpgrp() == getpid()) signal(SIGRTMAX, serve_over);
    prctl(PR_SET_PDEATHSIG, SIGRTMAX);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    serve_spares_caller();
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (memory > 0) setrlimit(RLIMIT_DATA, &(struct rlimit){memory, memory});
}

/* ---- questions and answers ---- */

static bool serve_read(uint8_t *to, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t got = read(STDIN_FILENO, to + done, length - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

static bool serve_answer(struct kv *answer, uint32_t number)
{
    uint8_t head[NATIVES_SERVE_HEAD];
    natives_head_write(head, (struct natives_head){(uint32_t)answer->length, number});
    /* stdin is a socket, open in both directions */
    return file_put_all(STDIN_FILENO, head, sizeof head) && file_put_all(STDIN_FILENO, answer->bytes, answer->length);
}

static void answer_error(struct kv *answer, const char *text)
{
    kv_clear(answer);
    kv_put_text(answer, "error", span_of(text));
}

/* ---- values ---- */

static bool whole_seconds(uint16_t type)
{
    return type == TYPE_DURATION || type == TYPE_TIME;
}

/* Takes a value of a question as the native's argument; for a text the word is the text's length. False: the value
 * is not of that type. */
static bool native_value_take(uint16_t type, const struct kv_value *value, uint64_t *word, const char **text)
{
    bool whole = value->tag == KV_INT || value->tag == KV_BOOL;
    *text = "";
    if (type == TYPE_STR) {
        *word = value->span.length;
        if (value->span.length > 0) *text = (const char *)value->span.bytes;
        return value->tag == KV_TEXT;
    }
    if (type == TYPE_FLOAT) {
        *word = value_from_float(whole ? (double)value->word : value->number);
        return whole || value->tag == KV_FLOAT;
    }
    *word = (uint64_t)value->word;
    if (!whole_seconds(type)) return whole;
    int64_t us;
    bool fits = !__builtin_mul_overflow(value->word, (int64_t)SECOND_US, &us);
    *word = (uint64_t)us;
    return whole && fits;
}

static void native_result_give(struct kv *answer, uint16_t type, uint64_t word, const char *text)
{
    struct kv_value value = {.tag = KV_INT, .word = (int64_t)word};
    if (type == TYPE_STR) {
        value = (struct kv_value){.tag = KV_TEXT, .span = {(const uint8_t *)text, (uint32_t)word}};
        if (word > NATIVE_TEXT_MAX) {
            answer_error(answer, "its text is longer than the room for it");
            return;
        }
        if (!utf8_is_text(text, (uint32_t)word)) {
            answer_error(answer, "its text is not UTF-8, or has a zero byte");
            return;
        }
    } else if (type == TYPE_FLOAT) {
        value = (struct kv_value){.tag = KV_FLOAT, .number = value_float(word)};
        if (!isfinite(value.number)) {
            answer_error(answer, "its result is no number");
            return;
        }
    } else if (whole_seconds(type)) {
        value.word = kv_seconds(value.word);
    }
    kv_put(answer, span_of("value"), &value);
}

/* ---- calling ---- */

/* Finds a native by its name, and the library's text of its signature; NULL: the library has no such native. */
static void *native_find(const char *name, const char **signature)
{
    char symbol[sizeof NATIVE_PREFIX_SIGNATURE + NATIVE_NAME_MAX];
    snprintf(symbol, sizeof symbol, NATIVE_PREFIX_SIGNATURE "%s", name);
    *signature = dlsym(library_handle, symbol);
    snprintf(symbol, sizeof symbol, NATIVE_PREFIX "%s", name);
    return *signature ? dlsym(library_handle, symbol) : NULL;
}

static void native_ask(struct kv *answer, const char *name, struct span values)
{
    union {
        void *found;
        void (*function)(void);
    } address;
    const char *signature, *texts[NATIVE_ARGUMENTS_MAX];
    uint64_t words[NATIVE_ARGUMENTS_MAX];
    static char text[NATIVE_TEXT_MAX];
    char said[300];
    struct image_native row;
    struct kv_pair pair;
    uint16_t count = 0;
    address.found = native_find(name, &signature);
    if (!address.found || !native_signature_read(signature, &row)) {
        answer_error(answer, "the library has no such function with a signature: include the header of `gcxc headers`");
        return;
    }
    bool fits = true;
    for (uint32_t at = 0; fits && kv_next(values, &at, &pair); count += fits)
        fits = count < row.parameter_count &&
               native_value_take(row.parameters[count], &pair.value, &words[count], &texts[count]);
    if (!fits || count < row.parameter_count) {
        snprintf(said, sizeof said, "value %u does not fit %s of %s", count + 1U, name, signature);
        answer_error(answer, said);
        return;
    }
    uint64_t word = native_call(&row, address.function, words, texts, text);
    native_result_give(answer, row.result, word, text);
}

/* Answers a question: a pair of a name and its values, or without values for the signature. */
static void question_answer(struct span question, struct kv *answer)
{
    struct kv_pair pair;
    char name[NATIVE_NAME_MAX + 1];
    const char *signature = NULL;
    uint32_t at = 0;
    if (!kv_next(question, &at, &pair) || pair.key.length >= sizeof name) {
        answer_error(answer, "the question is none");
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)pair.key.length, (const char *)pair.key.bytes);
    if (!library_handle)
        answer_error(answer, library_trouble ? library_trouble : "the library cannot be opened");
    else if (pair.value.tag == KV_LIST)
        native_ask(answer, name, pair.value.span);
    else if (native_find(name, &signature))
        kv_put_text(answer, "signature", span_of(signature));
    else
        kv_put_none(answer, "signature");
}

/* Reads a question and answers it. False: the caller is gone, or the bytes are no question. */
static bool serve_one(struct kv *answer)
{
    static uint8_t question[KV_BYTES_MAX];
    uint8_t bytes[NATIVES_SERVE_HEAD];
    if (!serve_read(bytes, sizeof bytes)) return false;
    const struct natives_head head = natives_head_read(bytes);
    if (head.length > sizeof question || !serve_read(question, head.length) ||
        !kv_check((struct span){question, head.length}, NULL))
        return false;
    kv_clear(answer);
    question_answer((struct span){question, head.length}, answer);
    return serve_answer(answer, head.number);
}

int natives_serve(const char *library, uint64_t memory)
{
    struct kv answer;
    serve_alone(memory);
    library_handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    library_trouble = library_handle ? NULL : strdup(dlerror());
    kv_init(&answer);
    while (serve_one(&answer)) continue;
    if (getpgrp() == getpid()) serve_over(0); /* the caller's end may be seen at the socket before the signal comes */
    kv_free(&answer);
    return EXIT_SUCCESS;
}
