/* runtime/adapters/desk/prompts.c - Requests about sounds: given to threads, in which prompts_kept.c and the command of
 * the setting `speaks` answer them. See prompts.h.
 *
 * The command gets the text by stdin and no shell, as in the plugin `sip`. Its output is a file without a name, which
 * is sent to the browser: there the sound is heard, made fit for a prompt, and sent back if it pleases. */
#include "runtime/adapters/desk/prompts.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/prompts_kept.h"
#include "base/child.h"
#include "base/memory.h"
#include "base/why.h"
#include "base/written.h"

enum { PROMPTS_WAITING = 20, SAY_MS = 20000, SAY_LOOK_MS = 20, SAY_BYTES_MAX = 16 * 1024 * 1024, SAY_WORDS = 32 };

enum prompts_act { PROMPTS_LIST, PROMPTS_PUT, PROMPTS_UNDO, PROMPTS_OVER, PROMPTS_SAY };

struct prompts_job {
    enum prompts_act act;
    struct asker asker;
    char *name, *language, *by, *why, *text;
    struct prompt_change change;
    uint8_t *file;
    size_t length;
    json_t *answer;
    int sound; /* what the command has spoken; -1: nothing */
    unsigned over;
    bool good;
    struct error error;
};

struct prompts {
    struct desk *desk;
    struct prompts_kept *kept; /* of the thread `worker` */
    struct worker *worker, *speaker;
    int stop;          /* can be read from the moment on at which the desk ends */
    bool looks;        /* a job looks for what is over */
    struct error over; /* why it could not come back when a job looked last */
};

/* ---- the text engine ---- */

/* Splits the command at spaces; the language replaces {language}, or stands behind it all. Returns the words. */
static char **tts_words(const char *command, const char *language)
{
    char **words = g_strsplit_set(command, " \t", SAY_WORDS);
    GPtrArray *all = g_ptr_array_new();
    bool named = false;
    for (char **word = words; *word; word++) {
        if (!**word) continue;
        char **parts = g_strsplit(*word, "{language}", -1);
        named |= parts[0] && parts[1];
        g_ptr_array_add(all, g_strjoinv(language, parts));
        g_strfreev(parts);
    }
    if (!named) g_ptr_array_add(all, g_strdup(language));
    g_ptr_array_add(all, NULL);
    g_strfreev(words);
    return (char **)g_ptr_array_free(all, FALSE);
}

static int64_t say_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the command, and ends it where it takes too long or writes too much, or the desk ends. */
static bool say_wait(pid_t pid, int sound, int stop, struct error *error)
{
    struct pollfd ends = {.fd = stop, .events = POLLIN};
    const int64_t until_ms = say_now_ms() + SAY_MS;
    struct stat info = {0};
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        const bool late = say_now_ms() > until_ms, large = fstat(sound, &info) == 0 && info.st_size > SAY_BYTES_MAX;
        if (late || large || poll(&ends, 1, SAY_LOOK_MS) > 0) {
            (void)kill(-pid, SIGKILL);
            (void)kill(pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
            return error_set(error, ERROR_SYSTEM, "The text is not spoken: the command of `speaks` %s.",
                             large ? "writes too much" : "takes too long");
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && fstat(sound, &info) == 0 && info.st_size > 0) return true;
    return error_set(error, ERROR_SYSTEM, "The text is not spoken: the command of `speaks` has failed.");
}

/* Text and sound are files in memory: the command cannot block by either. */
static bool say_speak(const char *command, int stop, struct prompts_job *job)
{
    extern char **environ;
    char **words = tts_words(command, job->language);
    int text = memfd_create("text", MFD_CLOEXEC), sound = memfd_create("sound", MFD_CLOEXEC);
    const size_t length = strlen(job->text);
    posix_spawn_file_actions_t files;
    pid_t pid = 0;
    bool good = words[0] && text >= 0 && sound >= 0 && write(text, job->text, length) == (ssize_t)length &&
                lseek(text, 0, SEEK_SET) == 0;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, text, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, sound, STDOUT_FILENO);
    if (!good || child_spawn(&pid, words[0], &files, true, words, environ) != 0)
        good =
            error_set(&job->error, ERROR_SYSTEM, "The text is not spoken: the command of `speaks` cannot be started.");
    else
        good = say_wait(pid, sound, stop, &job->error);
    posix_spawn_file_actions_destroy(&files);
    if (text >= 0) close(text);
    if (good)
        job->sound = sound;
    else if (sound >= 0)
        close(sound);
    g_strfreev(words);
    return good;
}

/* ---- jobs ---- */

static void prompts_work(void *self, void *given)
{
    struct prompts *prompts = self;
    struct prompts_job *job = given;
    job->change.name = job->name;
    job->change.language = job->language;
    job->change.by = job->by;
    job->change.why = job->why;
    switch (job->act) {
    case PROMPTS_LIST:
        job->answer = json_pack("{s:o}", "sounds", prompts_kept_list(prompts->kept));
        job->good = job->answer != NULL;
        break;
    case PROMPTS_PUT:
        job->good = prompts_kept_put(prompts->kept, &job->change, job->file, job->length, &job->error);
        break;
    case PROMPTS_UNDO:
        job->good = prompts_kept_undo(prompts->kept, &job->change, &job->error);
        break;
    case PROMPTS_OVER:
        job->over = prompts_kept_over(prompts->kept, job->change.now_ms, &job->error);
        break;
    case PROMPTS_SAY:
        job->good = say_speak(prompts->desk->setting.speaks, prompts->stop, job);
        break;
    }
}

static void prompts_job_free(void *self, void *given)
{
    struct prompts_job *job = given;
    (void)self;
    (void)asker_end(&job->asker);
    g_free(job->name), g_free(job->language), g_free(job->by), g_free(job->why), g_free(job->text);
    if (job->sound >= 0) close(job->sound);
    json_decref(job->answer);
    free(job->file);
    free(job);
}

static void prompts_refuse(struct evhttp_request *http, const struct error *error)
{
    if (error->code == ERROR_INPUT)
        api_error(http, HTTP_BADREQUEST, "invalid", error->text);
    else if (error->code == ERROR_STATE)
        api_error(http, 409, "changed", error->text);
    else
        api_error(http, HTTP_SERVUNAVAIL, "store", error->text);
}

/* Sends what was spoken; the buffer closes the file. */
static void prompts_send(struct evhttp_request *http, int *file)
{
    struct stat info;
    if (fstat(*file, &info) != 0 ||
        evbuffer_add_file(evhttp_request_get_output_buffer(http), *file, 0, info.st_size) != 0) {
        api_error(http, HTTP_SERVUNAVAIL, "store", "The sound cannot be read.");
        return;
    }
    *file = -1;
    api_bytes(http, HTTP_OK, "audio/wav", false, "", 0);
}

/* The audit of gcxvm has the change, too; then the browser is answered. */
static void prompts_note(struct desk *desk, struct evhttp_request *http, const struct prompts_job *job)
{
    int64_t lasts_ms = job->change.until_ms != 0 ? job->change.until_ms - job->change.now_ms : 0;
    char *now = g_strdup_printf("%s%s%s", job->act == PROMPTS_PUT ? "another sound" : "as it was before",
                                *job->language ? ", " : "", job->language);
    desk_look_prompt(desk, http, job->by, job->name, now, lasts_ms / 1000, job->why);
    g_free(now);
}

static void prompts_done(void *self, void *given)
{
    struct prompts *prompts = self;
    struct prompts_job *job = given;
    struct desk *desk = prompts->desk;
    struct evhttp_request *http = asker_end(&job->asker);
    if (job->act == PROMPTS_OVER) prompts->looks = false;
    if (job->over > 0)
        desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "prompts: the time of %u is over", job->over);
    /* What is over is looked for each second: a reason is told once. */
    const bool told = job->act == PROMPTS_OVER && strcmp(job->error.text, prompts->over.text) == 0;
    if (job->act == PROMPTS_OVER) prompts->over = job->error;
    if (job->error.code == ERROR_SYSTEM && !told)
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "%s", job->error.text);
    if (job->good && (job->act == PROMPTS_PUT || job->act == PROMPTS_UNDO))
        desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "%s %s the prompt %s%s%s: %s", job->by,
                            job->act == PROMPTS_PUT ? "changes" : "takes back", job->language,
                            *job->language ? "/" : "", job->name, job->why);
    if (job->good && (job->act == PROMPTS_PUT || job->act == PROMPTS_UNDO))
        prompts_note(desk, http, job);
    else if (http && !job->good)
        prompts_refuse(http, &job->error);
    else if (http && job->answer)
        api_answer(http, HTTP_OK, json_incref(job->answer));
    else if (http && job->sound >= 0)
        prompts_send(http, &job->sound);
    else if (http)
        api_done(http);
    prompts_job_free(NULL, job);
}

struct prompts *prompts_new(struct desk *desk, struct event_base *base, char *why, size_t why_size)
{
    struct prompts *prompts = memory_zeroed(1, sizeof *prompts);
    struct error error = {0};
    struct worker_calls calls = {prompts, prompts_work, prompts_done, prompts_job_free, NULL};
    prompts->desk = desk;
    prompts->stop = eventfd(0, EFD_CLOEXEC);
    prompts->kept = prompts_kept_new(desk->setting.prompts, &error);
    prompts->worker = prompts->kept && prompts->stop >= 0 ? worker_new(base, &calls) : NULL;
    prompts->speaker = prompts->worker ? worker_new(base, &calls) : NULL;
    if (prompts->speaker) return prompts;
    (void)why_set(why, why_size, "%s", prompts->kept ? "no thread can be had" : error.text);
    prompts_free(prompts);
    return NULL;
}

void prompts_free(struct prompts *prompts)
{
    if (!prompts) return;
    if (prompts->stop >= 0) (void)eventfd_write(prompts->stop, 1);
    if (prompts->speaker) worker_free(prompts->speaker);
    if (prompts->worker) worker_free(prompts->worker);
    prompts_kept_free(prompts->kept);
    if (prompts->stop >= 0) close(prompts->stop);
    free(prompts);
}

static struct prompts_job *prompts_job_new(enum prompts_act act, int64_t now_ms)
{
    struct prompts_job *job = memory_zeroed(1, sizeof *job);
    job->act = act;
    job->sound = -1;
    job->change.now_ms = now_ms;
    return job;
}

static int64_t prompts_now_ms(const struct desk *desk)
{
    return (int64_t)desk->services->wall_us(desk->link) / 1000;
}

void prompts_tick(struct prompts *prompts)
{
    if (!prompts || prompts->looks) return;
    prompts->looks = true;
    worker_give(prompts->worker, prompts_job_new(PROMPTS_OVER, prompts_now_ms(prompts->desk)));
}

/* ---- requests ---- */

/* Begins a job for the browser. NULL: it was refused. */
static struct prompts_job *prompts_begin(struct desk *desk, struct evhttp_request *http, enum prompts_act act)
{
    const bool says = act == PROMPTS_SAY;
    if (!desk->prompts || (says && !*desk->setting.speaks)) {
        api_error(http, HTTP_NOTFOUND, "unknown",
                  says && desk->prompts ? "The desk's setting `speaks` is not set: texts are not spoken."
                                        : "The desk's setting `prompts` is not set: it names the folder of sounds.");
        return NULL;
    }
    if (worker_waiting(says ? desk->prompts->speaker : desk->prompts->worker) >= PROMPTS_WAITING) {
        api_error(http, HTTP_SERVUNAVAIL, "store", "Too many ask at once; again in a moment.");
        return NULL;
    }
    struct prompts_job *job = prompts_job_new(act, prompts_now_ms(desk));
    asker_begin(&job->asker, http);
    return job;
}

void prompts_list(struct desk *desk, struct evhttp_request *http)
{
    struct prompts_job *job = prompts_begin(desk, http, PROMPTS_LIST);
    if (job) worker_give(desk->prompts->worker, job);
}

void prompts_hear(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    int file = desk->prompts
                   ? prompts_kept_open(desk->setting.prompts, desk_text(params, "name"), desk_text(params, "language"))
                   : -1;
    if (file < 0) {
        api_error(http, HTTP_NOTFOUND, "unknown", "There is no such sound.");
        return;
    }
    prompts_send(http, &file);
    if (file >= 0) close(file);
}

/* Takes name, person, reason, time and what was seen from the request. False: it was refused. */
static bool prompts_change(struct desk *desk, struct prompts_job *job, const char *who, const char *name,
                           const json_t *said)
{
    const json_t *seen = json_object_get(said, "seen");
    const char *lasts = desk_text(said, "for");
    int64_t lasts_us = 0;
    job->name = g_strdup(name);
    job->language = g_strdup(desk_text(said, "language"));
    job->by = g_strdup(who);
    job->why = g_strdup(desk_text(said, "why"));
    job->change.seen_ms = seen ? json_integer_value(seen) : -1;
    if (*lasts && (!written_duration(lasts, strlen(lasts), &lasts_us) || lasts_us < 1000000)) {
        struct evhttp_request *http = asker_end(&job->asker);
        if (http) api_error(http, HTTP_BADREQUEST, "invalid", "for: how long, as 2h");
        prompts_job_free(NULL, job);
        return false;
    }
    if (lasts_us > 0) job->change.until_ms = prompts_now_ms(desk) + lasts_us / 1000;
    return true;
}

void prompts_put(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                 struct evbuffer *file)
{
    struct prompts_job *job = prompts_begin(desk, http, PROMPTS_PUT);
    if (!job || !prompts_change(desk, job, who, desk_text(params, "name"), params)) return;
    job->length = evbuffer_get_length(file);
    job->file = memory_zeroed(job->length + 1, 1);
    evbuffer_remove(file, job->file, job->length);
    worker_give(desk->prompts->worker, job);
}

void prompts_undo(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                  const json_t *body)
{
    struct prompts_job *job = prompts_begin(desk, http, PROMPTS_UNDO);
    if (!job || !prompts_change(desk, job, who, desk_text(params, "name"), body)) return;
    worker_give(desk->prompts->worker, job);
}

void prompts_say(struct desk *desk, struct evhttp_request *http, const json_t *body)
{
    struct prompts_job *job = prompts_begin(desk, http, PROMPTS_SAY);
    if (!job) return;
    job->text = g_strdup(desk_text(body, "text"));
    job->language = g_strdup(desk_text(body, "language"));
    worker_give(desk->prompts->speaker, job);
}
