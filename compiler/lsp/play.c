/* compiler/lsp/play.c - The command gcxc.test: one test of a saved file, played by another process of gcxc.
 *
 * A test that never ends or that ends its process does no harm here: it is a child process, watched like the
 * editor's input. */
#include "config.h" /* pipe2 */

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

#include "base/inside.h"
#include "compiler/lsp/play.h"

enum { SAID_MAX = 64 * 1024 };

struct lens_play {
    json_t *id; /* the id of the request that waits for the result */
    char *title;
    pid_t child;
    int out;
    char said[SAID_MAX + 1]; /* the first of it */
    size_t length;
};

/* Returns a pattern that fits the whole name of the test; `behind` is added, for the row of its `for each`. */
static char *play_pattern(const char *title, const char *behind)
{
    char *pattern = malloc(2 * strlen(title) + strlen(behind) + 4), *to = pattern;
    if (!pattern) abort();
    /* a pattern has to fit the whole name; a plain text would fit any name with it */
    if (isalnum((unsigned char)*title)) to += sprintf(to, "[%c]", *title++);
    for (; *title; title++) {
        if (strchr("*?[]\\", *title)) *to++ = '\\';
        *to++ = *title;
    }
    strcpy(to, behind);
    return pattern;
}

/* The files on disk are played, so they must have the same texts as the open documents. */
static bool is_stored(const struct document *document)
{
    FILE *file = inside_open(document->path, "rb");
    char *text = memory_grown(NULL, document->length + 2, 1);
    size_t length = file ? fread(text, 1, document->length + 1, file) : 0;
    bool same = file && length == document->length && memcmp(text, document->text, length) == 0;
    if (file) fclose(file);
    free(text);
    return same;
}

static const struct node *test_named(const struct analysis *analysis, const char *title)
{
    for (struct node *node = analysis->file ? analysis->file->file.declarations.first : NULL; node; node = node->next)
        if (node->kind == NODE_TEST && strcmp(node->test.title.bytes, title) == 0) return node;
    return NULL;
}

/* Starts gcxc for a test; false, with errno, where that fails. The program is this one itself (/proc/self/exe), not
 * a gcxc of the PATH: a test in the editor must be played by the compiler that checks it. */
static bool play_start(struct lens_play *play, const char *path, const char *pattern)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    play->child = fork();
    if (play->child == 0) {
        int nothing = open("/dev/null", O_RDWR);
        setsid();                         /* a group with all processes that it starts, so that all can be ended */
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* where lsp is killed, nobody else would end it */
        signal(SIGPIPE, SIG_DFL);
        dup2(nothing, 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        execl("/proc/self/exe", "gcxc", "test", "--filter", pattern, path, (char *)NULL);
        _exit(127);
    }
    int why = errno; /* the error of fork(), where it failed */
    close(ends[1]);
    play->out = ends[0];
    if (play->child > 0) return true;
    close(ends[0]);
    errno = why;
    return false;
}

/* One test is played at a time: the output of two plays would be mixed, and nobody could tell which of them failed. */
void lsp_command(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    const char *command = json_string_value(json_object_get(params, "command"));
    const json_t *arguments = json_object_get(params, "arguments");
    const char *uri = json_string_value(json_array_get(arguments, 0));
    const char *title = json_string_value(json_array_get(arguments, 1));
    const struct document *document = uri ? document_named(&server->documents, uri) : NULL;
    if (!command || strcmp(command, "gcxc.test") != 0) {
        answer_wrong(answer, WRONG_PARAMS, "there is no command '%.80s'", command ? command : "");
    } else if (!document || !title) {
        answer_wrong(answer, WRONG_PARAMS, "gcxc.test takes the URI of an open document and the name of a test in it");
    } else if (server->play) {
        answer_wrong(answer, WRONG_FAILED, "a test is being played: wait until it is done, or cancel it");
    } else {
        if (document->changed || document->known != KNOWN_WHOLE) server_check_documents(server, true);
        const struct node *test = test_named(document->analysis, title);
        if (!test) {
            answer_wrong(answer, WRONG_FAILED, "there is no test '%.120s'", title);
            return;
        }
        if (!is_stored(document)) {
            answer_wrong(answer, WRONG_FAILED, "store the file first: what is on disk is played");
            return;
        }
        struct lens_play *play = memory_zeroed(1, sizeof *play);
        char *pattern = play_pattern(title, test->test.rows.count > 0 ? " \\[*" : "");
        play->title = memory_text(title);
        if (play_start(play, document->path, pattern)) {
            play->id = json_incref(answer->id);
            server->play = play;
            answer->later = true;
        } else {
            answer_wrong(answer, WRONG_FAILED, "no process for the test can be begun: %s", strerror(errno));
            free(play->title);
            free(play);
        }
        free(pattern);
    }
}

static int play_reap(struct lens_play *play)
{
    int status = 0;
    close(play->out);
    while (waitpid(play->child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void play_free(struct server *server)
{
    json_decref(server->play->id);
    free(server->play->title);
    free(server->play);
    server->play = NULL;
}

int play_descriptor(const struct server *server)
{
    return server->play ? server->play->out : -1;
}

/* Reads output of the test, or notices its end. Output beyond SAID_MAX is read and dropped, as a child whose pipe is
 * full would wait for ever. */
void play_read(struct server *server)
{
    struct lens_play *play = server->play;
    assert(play);
    char more[4096];
    ssize_t got = read(play->out, more, sizeof more);
    if (got < 0 && errno == EINTR) return;
    if (got > 0) {
        size_t room = SAID_MAX - play->length, taken = (size_t)got < room ? (size_t)got : room;
        memcpy(play->said + play->length, more, taken);
        play->length += taken;
        return;
    }
    bool passed = play_reap(play) == 0;
    play->length = source_utf8_check(play->said, play->length);
    play->said[play->length] = '\0';
    char text[512];
    snprintf(text, sizeof text, "%.300s: %s", play->title, passed ? "passed" : "failed");
    json_t *message = json_string(text);
    server_notify(server, "window/showMessage",
                  json_pack("{si so}", "type", passed ? 3 : 1, "message",
                            message ? message : json_string(passed ? "the test passed" : "the test failed")));
    server_notify(server, "window/logMessage", json_pack("{si ss}", "type", 4, "message", play->said));
    struct lsp_answer answer = {.result = json_pack("{sb ss}", "passed", passed, "output", play->said)};
    server_reply(server, play->id, &answer);
    play_free(server);
}

bool play_cancel(struct server *server, const json_t *id)
{
    if (!server->play || (id && !json_equal(server->play->id, id))) return false;
    kill(-server->play->child, SIGKILL);
    kill(server->play->child, SIGKILL); /* in case the child has not called setsid() yet */
    play_reap(server->play);
    struct lsp_answer answer = {0};
    answer_wrong(&answer, WRONG_CANCELLED, "cancelled");
    if (!server->gone) server_reply(server, server->play->id, &answer);
    play_free(server);
    return true;
}
