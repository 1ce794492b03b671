/* tests/fuzz/fuzz_admin.c - Any bytes at the admin socket of a whole gcxvm, which runs in a thread: every line has its
 * answer, in order, with its id, and the connection ends with the last. */
#include "config.h"
#include <fcntl.h>
#include <jansson.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "runtime/daemon/admin/admin.h"
#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/run.h"
#include "runtime/vocabulary/vocabulary.h"
#include "tests/fuzz/fuzz.h"

static char folder[32], admin[64];
static struct conf *conf;
static struct log *quiet;
static pthread_t thread;

static char *within(const char *name)
{
    char *path = NULL;
    MUST(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static void file_put(const char *name, const void *bytes, size_t length)
{
    char *path = within(name);
    FILE *file = fopen(path, "w");
    MUST(file && fwrite(bytes, 1, length, file) == length);
    MUST(fclose(file) == 0);
    free(path);
}

/* `site`: the source has its own. */
static void image_put(const char *source, bool site, const char *name)
{
    char *path = fuzz_path(source);
    const char *file = path;
    const struct compile_options how = {.site = site ? path : NULL};
    struct compilation *compilation = compiler_compile(&file, 1, &how);
    size_t length;
    const uint8_t *bytes = compilation_image(compilation, &length);
    MUST(bytes != NULL);
    file_put(name, bytes, length);
    compilation_free(compilation);
    free(path);
}

static void *on_thread(void *self)
{
    (void)self;
    MUST(daemon_run(conf, quiet, &(struct daemon_how){0}) == EXIT_ok);
    return NULL;
}

/* In order, as SIGTERM has it end; what it kept goes with it. */
static void end(void)
{
    char command[64];
    MUST(kill(getpid(), SIGTERM) == 0 && pthread_join(thread, NULL) == 0);
    conf_free(conf);
    log_free(quiet);
    snprintf(command, sizeof command, "rm -r %s", folder);
    MUST(system(command) == 0);
}

static int dial(void)
{
    struct error error;
    return socket_connect(admin, &error);
}

static void on_complaint(void *self, const char *text)
{
    (void)self;
    fprintf(stderr, "%s\n", text);
}

static const char settings[] =
    "directory = \"directory.sql\"\nstrategies = {\"enterprise.gcxb\", \"settings.gcxb\"}\ndrain_s = 0\n"
    "log_level = \"error\"\nsource customers { database = \"customers.db\" }\n";
static const char directory[] =
    "create table skill (name text); insert into skill values ('French'), ('Sales');\n"
    "create table agent (name text, display text default ''); insert into agent (name) values ('marie'), ('jean');\n"
    "create table agent_skill (agent text, skill text, level integer);\n"
    "insert into agent_skill values ('marie', 'French', 9), ('jean', 'Sales', 2);\n"
    "create table dn (number text, type text); insert into dn values ('1800', 'routing_point'), ('1801', "
    "'routing_point'), ('7001', "
    "'extension');\n"
    "create table routing_point (dn text, strategy text, defaults text, answer_timeout_s integer, router_grace_s "
    "integer);\n"
    "insert into routing_point values ('1800', 'enterprise', '7001', 10, 60), ('1801', 'asks', '7001', 10, 60);\n"
    "create table table_blocked (number text primary key, reason text, until text);\n"
    "insert into table_blocked values ('+331', 'rings often', null);\n";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int fd = -1;
    (void)argc, (void)argv;
    /* Where nothing is written to a disk, if there is such a place: acts wait for it. */
    snprintf(folder, sizeof folder, "%s/gcx-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    MUST(mkdtemp(folder) != NULL);
    snprintf(admin, sizeof admin, "%s/state/admin.sock", folder);
    file_put("gcx.conf", settings, sizeof settings - 1);
    file_put("directory.sql", directory, sizeof directory - 1);
    image_put("strategies/enterprise/enterprise.gcx", false, "enterprise.gcxb");
    image_put("tests/flows/settings_wire.gcx", true, "settings.gcxb");
    char *path = within("gcx.conf");
    conf = conf_read(path, NULL, on_complaint, NULL);
    free(path);
    quiet = log_new(&(struct log_options){.fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .level = LOG_LEVEL_ERROR});
    /* OpenSSL registers its own end as it begins, and what is registered last is done first: it begins before `end` is
     * registered, so that the thread of the daemon gives back what it has of OpenSSL. */
    MUST(OPENSSL_init_ssl(0, NULL));
    MUST(conf && quiet && pthread_create(&thread, NULL, on_thread, NULL) == 0);
    for (int i = 0; fd < 0 && i < 600; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        fd = dial();
    }
    MUST(fd >= 0);
    close(fd);
    atexit(end);
    return 0;
}

/* As it was asked: of what is no object, without an id. */
static json_t *object_of(const char *line, size_t length)
{
    json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value)) return value;
    json_decref(value);
    return NULL;
}

static void answer_check(const uint8_t *line, size_t length, FILE *answers)
{
    static const char *const codes[] = {"invalid", "unknown", "denied", "failed", "busy"};
    char *text = NULL;
    size_t room = 0;
    ssize_t n = getline(&text, &room, answers);
    MUST(n > 0);
    json_t *asked = object_of((const char *)line, length), *answer = object_of(text, (size_t)n);
    const char *code = json_string_value(json_object_get(answer, "code"));
    const char *error = json_string_value(json_object_get(answer, "error"));
    bool ok = json_is_true(json_object_get(answer, "ok")), known = false;
    json_t *id = json_object_get(asked, "id"), *said = json_object_get(answer, "id");
    MUST(answer && (id ? said && json_equal(id, said) : !said));
    for (size_t i = 0; code && i < sizeof codes / sizeof *codes; i++) known = known || strcmp(code, codes[i]) == 0;
    for (unsigned i = 0; code && !known && i < 64; i++) known = strcmp(code, enum_name_code(i)) == 0;
    MUST(ok ? asked && !code && !error : known && error && error[0] != '\0');
    json_decref(asked);
    json_decref(answer);
    free(text);
}

/* libFuzzer's own, that looks for what takes too long. */
static void clock_lets_read(void)
{
    struct sigaction action;
    MUST(sigaction(SIGALRM, NULL, &action) == 0);
    action.sa_flags |= SA_RESTART;
    MUST(sigaction(SIGALRM, &action, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const uint8_t *at = bytes, *stop;
    if (length > ADMIN_LINE_MAX) return 0;
    clock_lets_read();
    int fd = dial();
    FILE *answers = fd >= 0 ? fdopen(fd, "r") : NULL;
    MUST(answers != NULL);
    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        MUST(n > 0);
        sent += (size_t)n;
    }
    shutdown(fd, SHUT_WR);
    for (; (stop = memchr(at, '\n', (size_t)(bytes + length - at))); at = stop + 1)
        answer_check(at, (size_t)(stop - at), answers);
    MUST(getc(answers) == EOF);
    fclose(answers);
    return 0;
}
