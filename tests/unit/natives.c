/* tests/unit/natives.c - A library of natives runs from a copy that nobody writes; and in a process beside, which gives
 * no number that is none, and asks the kernel by this machine's own ways only. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/natives/natives.h"
#include "runtime/natives/serve.h"
#include "runtime/vocabulary/kv.h"
#include "vm/image_data.h"
#include "vm/native.h"
#include "vm/steps.h"
#include "vm_sample.h"

TestSuite(natives, .timeout = 30);

static const char *library(void)
{
    static char path[400];
    const char *top = getenv("top_builddir");
    snprintf(path, sizeof path, "%s/tests/unit/.libs/natives_sample.so", top ? top : ".");
    return path;
}

/* ---- beside ---- */

struct beside {
    pid_t process;
    int socket;
};

static struct beside beside_begins(void)
{
    int ends[2];
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    pid_t process = fork();
    cr_assert(process >= 0);
    if (process == 0) {
        dup2(ends[1], STDIN_FILENO);
        _exit(natives_serve(library(), 0));
    }
    close(ends[1]);
    return (struct beside){process, ends[0]};
}

/* A native is asked about this value; the number of the question. */
static uint32_t beside_asked(struct beside beside, const char *name, const struct kv_value *given)
{
    static uint32_t asked;
    uint8_t head[NATIVES_SERVE_HEAD];
    struct kv question, values;
    kv_init(&question), kv_init(&values);
    kv_put(&values, span_of("1"), given);
    kv_put(&question, span_of(name), &(struct kv_value){.tag = KV_LIST, .span = kv_span(&values)});
    natives_head_write(head, (struct natives_head){(uint32_t)question.length, ++asked});
    cr_assert(send(beside.socket, head, sizeof head, MSG_NOSIGNAL) == sizeof head);
    cr_assert(send(beside.socket, question.bytes, question.length, MSG_NOSIGNAL) == (ssize_t)question.length);
    kv_free(&question), kv_free(&values);
    return asked;
}

/* What a native answers to this value, as text: `value 1.5`, `error ...`; "": its process has ended. */
static const char *beside_says(struct beside beside, const char *name, const struct kv_value *given)
{
    static char said[300];
    static uint8_t bytes[KV_BYTES_MAX];
    uint8_t head[NATIVES_SERVE_HEAD];
    struct kv_pair pair;
    uint32_t at = 0, asked = beside_asked(beside, name, given);
    said[0] = 0;
    if (recv(beside.socket, head, sizeof head, MSG_WAITALL) != sizeof head) return said;
    uint32_t length = natives_head_read(head).length;
    cr_assert_eq(natives_head_read(head).number, asked);
    cr_assert(length <= sizeof bytes && recv(beside.socket, bytes, length, MSG_WAITALL) == (ssize_t)length);
    cr_assert(kv_next((struct span){bytes, length}, &at, &pair));
    if (pair.value.tag == KV_TEXT)
        snprintf(said, sizeof said, "%.*s %.*s", (int)pair.key.length, (const char *)pair.key.bytes,
                 (int)pair.value.span.length, (const char *)pair.value.span.bytes);
    else if (pair.value.tag == KV_FLOAT)
        snprintf(said, sizeof said, "%.*s %g", (int)pair.key.length, (const char *)pair.key.bytes, pair.value.number);
    else
        snprintf(said, sizeof said, "%.*s %lld", (int)pair.key.length, (const char *)pair.key.bytes,
                 (long long)pair.value.word);
    return said;
}

static int beside_ends(struct beside beside)
{
    int status;
    close(beside.socket);
    cr_assert(waitpid(beside.process, &status, 0) == beside.process);
    return status;
}

static const struct kv_value *whole(int64_t word)
{
    static struct kv_value value;
    value = (struct kv_value){.tag = KV_INT, .word = word};
    return &value;
}

Test(natives, a_result_that_is_no_number_is_an_error)
{
    struct beside beside = beside_begins();
    cr_expect_str_eq(beside_says(beside, "half", whole(3)), "value 1.5");
    cr_expect_str_eq(beside_says(beside, "half", whole(-1)), "error its result is no number");
    cr_expect_str_eq(beside_says(beside, "half", whole(-2)), "error its result is no number");
    cr_expect_str_eq(beside_says(beside, "half", &(struct kv_value){.tag = KV_TEXT, .span = span_of("x")}),
                     "error value 1 does not fit half of float(float)");
    cr_expect_eq(beside_ends(beside), EXIT_SUCCESS);
}

Test(natives, a_text_that_is_none_is_an_error_and_so_is_a_question)
{
    char name[300];
    struct beside beside = beside_begins();
    cr_expect_str_eq(beside_says(beside, "words", whole(0)), "value caf\xc3\xa9");
    cr_expect_str_eq(beside_says(beside, "words", whole(1)), "error its text is not UTF-8, or has a zero byte");
    cr_expect_str_eq(beside_says(beside, "words", whole(2)), "error its text is not UTF-8, or has a zero byte");
    cr_expect_str_eq(beside_says(beside, "words", whole(3)), "error its text is longer than the room for it");
    cr_expect(strncmp(beside_says(beside, "words", whole(4)), "value yyyy", 10) == 0, "a text fills the room");
    memset(name, 'x', sizeof name - 1);
    name[NATIVE_NAME_MAX + 1] = 0;
    cr_expect_str_eq(beside_says(beside, name, whole(0)), "error the question is none");
    name[NATIVE_NAME_MAX] = 0;
    cr_expect(strstr(beside_says(beside, name, whole(0)), "the library has no such function"));
    cr_expect_eq(beside_ends(beside), EXIT_SUCCESS);
}

Test(natives, the_caller_is_sent_no_signal)
{
    char said[40];
    struct beside beside = beside_begins();
    snprintf(said, sizeof said, "value %d", EPERM);
    cr_expect_str_eq(beside_says(beside, "kernel", whole(1)), said);
    cr_expect_str_eq(beside_says(beside, "kernel", whole(2)), "value 0", "it may gain rights");
    snprintf(said, sizeof said, "value %d", (int)beside.process);
    cr_expect_str_eq(beside_says(beside, "kernel", whole(0)), said);
    cr_expect_eq(beside_ends(beside), EXIT_SUCCESS);
}

/* While a native computes, its process does not see that the socket has ended. */
Test(natives, a_native_that_hangs_ends_with_its_caller)
{
    int status, ends[2];
    pid_t process;
    cr_assert(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && pipe(ends) == 0);
    pid_t caller = fork();
    cr_assert(caller >= 0);
    if (caller == 0) {
        struct beside beside = beside_begins();
        (void)beside_says(beside, "half", whole(3));
        (void)beside_asked(beside, "kernel", whole(3));
        _exit(write(ends[1], &beside.process, sizeof beside.process) != sizeof beside.process);
    }
    cr_assert(read(ends[0], &process, sizeof process) == sizeof process);
    cr_assert(waitpid(caller, &status, 0) == caller && status == EXIT_SUCCESS);
    cr_assert(waitpid(process, &status, 0) == process);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGRTMAX, "status %d", status);
    close(ends[0]), close(ends[1]);
}

#ifdef __x86_64__
/* The filter knows the numbers of one architecture: another's would pass by it. */
Test(natives, a_call_of_the_kernel_by_another_architecture_ends_the_process)
{
    static const int ways[] = {32, 64};
    for (int i = 0; i < 2; i++) {
        struct beside beside = beside_begins();
        cr_expect_str_eq(beside_says(beside, "kernel", whole(ways[i])), "", "%d bits: it was let through", ways[i]);
        int status = beside_ends(beside);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%d bits: status %d", ways[i], status);
    }
}
#endif

/* ---- in the same process ---- */

/* `beside`: a library that it calls, too; NULL: none. */
static struct image *image_of_sealed(const uint8_t hash[IMAGE_HASH], const char *beside)
{
    struct image_writer *w = image_writer_new();
    uint16_t native = writer_native(w, "sample", "sealed", hash, TYPE_INT, NULL, 0);
    if (beside) (void)writer_native(w, beside, "sealed", hash, TYPE_INT, NULL, 0);
    uint16_t strategy = writer_strategy(w, "s", MEDIUM_ALL, SECOND);
    uint16_t body = writer_function_begin(w, "s", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t is = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
    writer_abcd(w, OP_NATIVE, is, native & 0xff, native >> 8, 0);
    writer_abc(w, OP_TEXT, text, is, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, text);
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    free(bytes);
    cr_assert(image, "%s", error.text);
    return image;
}

/* The number that the next descriptor gets: a greater one than before shows that some are open since. */
static int descriptor_next(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0 && close(fd) == 0);
    return fd;
}

Test(natives, nobody_writes_the_copy_from_which_a_library_runs)
{
    uint8_t hash[NATIVES_HASH], other[NATIVES_HASH] = {0};
    char said[20];
    struct error error = {0};
    struct natives *natives = natives_new("%", false);
    natives_allow(natives, "sample", library());
    cr_assert(natives_hash(natives, "sample", hash, &error), "%s", error.text);
    struct image *image = image_of_sealed(other, NULL);
    cr_assert_not(natives_bind(natives, image, &error), "a library with another hash is bound");
    image_free(image);
    char junk[] = "/tmp/natives-XXXXXX";
    int fd = mkstemp(junk);
    cr_assert(fd >= 0 && write(fd, "no library", 10) == 10 && close(fd) == 0);
    struct natives *wrong = natives_new("%", false);
    natives_allow(wrong, "sample", junk);
    cr_assert(natives_hash(wrong, "sample", other, &error), "%s", error.text);
    image = image_of_sealed(other, NULL);
    int next = descriptor_next();
    cr_assert_not(natives_bind(wrong, image, &error));
    cr_expect(strstr(error.text, "cannot be loaded"), "%s", error.text);
    cr_expect_eq(descriptor_next(), next, "a file that is no library is left open");
    image_free(image);
    natives_free(wrong);
    unlink(junk);
    error = (struct error){0};
    image = image_of_sealed(hash, NULL);
    cr_assert(natives_bind(natives, image, &error), "%s", error.text);
    struct machine m = machine_new(image);
    struct vm_result result = vm_start(m.vm, m.block);
    cr_assert_eq(result.status, VM_WAIT);
    snprintf(said, sizeof said, "%d", EPERM);
    cr_expect_str_eq(machine_stop(&m, result), said);
    machine_free(&m);
    natives_free(natives);
}

/* Nobody would start a process again that has ended with 0. */
Test(natives, a_native_that_ends_its_process_has_crashed_it, .signal = SIGABRT)
{
    uint8_t hash[NATIVES_HASH];
    struct error error = {0};
    struct natives *natives = natives_new("%", false);
    natives_allow(natives, "sample", library());
    cr_assert(natives_hash(natives, "sample", hash, &error), "%s", error.text);
    struct image *image = image_of_sealed(hash, NULL);
    cr_assert(natives_bind(natives, image, &error), "%s", error.text);
    struct machine m = machine_new(image);
    setenv("NATIVES_SAMPLE_EXITS", "1", 1);
    (void)vm_start(m.vm, m.block);
}

static void on_opened(void *self, const char *name, const char *path, const char *sha256)
{
    cr_expect(strcmp(name, "sample") == 0 && strcmp(path, library()) == 0 && strlen(sha256) == 2 * NATIVES_HASH);
    ++*(unsigned *)self;
}

Test(natives, a_library_is_opened_once_and_each_that_is_called_has_to_be_allowed)
{
    uint8_t hash[NATIVES_HASH], other[NATIVES_HASH] = {0};
    unsigned opened = 0;
    struct error error = {0};
    struct natives *natives = natives_new("say %", false), *none = natives_new("say %", false);
    natives_tell(natives, on_opened, &opened);
    natives_allow(natives, "sample", library());
    natives_allow(none, "sample", "/nowhere/sample.so");
    cr_assert(natives_hash(natives, "sample", hash, &error), "%s", error.text);
    for (unsigned i = 0; i < 2; i++) {
        struct image *image = image_of_sealed(hash, NULL);
        cr_expect(natives_bind(natives, image, &error), "%s", error.text);
        image_free(image);
    }
    cr_expect_eq(opened, 1);
    struct image *image = image_of_sealed(hash, "simple");
    cr_expect_not(natives_bind(natives, image, &error));
    cr_expect(strstr(error.text, "natives of library simple, and these are off; say simple"), "%s", error.text);
    image_free(image);
    image = image_of_sealed(other, NULL);
    cr_expect_not(natives_bind(natives, image, &error));
    cr_expect(strstr(error.text, "it calls natives of library sample with SHA-256 0000"), "%s", error.text);
    cr_expect_not(natives_bind(none, image, &error));
    cr_expect(strstr(error.text, "/nowhere/sample.so cannot be read"), "%s", error.text);
    image_free(image);
    natives_free(natives);
    natives_free(none);
}
