/* runtime/adapters/sip/speech.c - Runs the command for text to speech, and keeps its sounds.
 *
 * A job speaks one text. The process of a job has one end of a socket as stdin and stdout; the exchange writes the text
 * into the other end, and reads from it until the process has closed its own. Jobs beyond RUNNING_MOST wait in the
 * order in which they were made.
 *
 *     job:   waits --> process runs --> its side is closed --> process has ended --> wave --> sound
 *              |            |                                        |
 *              |            '-- time or size exceeded: killed -------'--> the waiters are told
 *
 * The command gets the text by stdin, without a shell, so a text cannot be run as a command. The language may only
 * have plain characters, because it becomes an argument of the command. If the same text is asked for several times,
 * all wait for one job. */
#include "runtime/adapters/sip/speech.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/loop.h"
#include "base/child.h"
#include "base/memory.h"

enum {
    RUNNING_MOST = 4,
    JOBS_MOST = 100,
    WAVE_MOST = 16 * 1024 * 1024,
    KEPT_MOST = 32 * 1024 * 1024,
    WORDS_MOST = 32,
    LANGUAGE_SIZE = 24,
    REAP_MS = 5,
    LOOK_MS = 60000,
    LOOK_AWAY_MS = 5000,
    LOOKS_MS = 60 * 60 * 1000,
    HASH = 16
};

struct spoken {
    uint8_t hash[HASH];
    struct sound *sound;
    struct spoken *next; /* the list begins with the sound that was used last */
};

struct speech_job {
    struct speeches *speeches;
    uint8_t hash[HASH];
    char language[LANGUAGE_SIZE];
    char *text;
    size_t text_length, told;
    pid_t pid; /* the process that speaks; 0: the job waits for its turn */
    int socket;
    bool look;      /* the job only checks whether the voice works: nobody waits for its sound, which is not kept */
    bool heard_all; /* the process has closed its output: the sound is complete */
    uint64_t until_ms;
    uint8_t *wave;
    size_t length, capacity;
    struct alarm timer;
    struct speech_wait *waiting;
    struct speech_job *next;
};

struct speeches {
    char *command;
    uint64_t timeout_ms;
    struct speeches_tell tell;
    char language[LANGUAGE_SIZE]; /* the language of the last text; "": no text yet, so no voice is checked */
    uint64_t asked_ms;            /* when the last text was asked for */
    struct alarm look;
    struct spoken *kept;
    struct speech_job *jobs; /* the jobs, in the order in which their texts were asked for */
};

/* Makes the hash of language and text. The zero byte after the language separates them, so that "en" + "x" and "e" +
 * "nx" differ. */
static void speech_hash(const char *language, const char *text, uint8_t hash[HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH);
    crypto_generichash_update(&state, (const uint8_t *)language, strlen(language) + 1);
    crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
    crypto_generichash_final(&state, hash, HASH);
}

/* --- Spoken sounds that are kept --- */

/* Keeps a sound under that hash, with a reference to the sound. The list begins with the sound that was used last. If
 * the list holds more than KEPT_MOST bytes, sounds are dropped from its end, but never the newest sound. */
static void speech_keep(struct speeches *speeches, const uint8_t hash[HASH], struct sound *sound)
{
    struct spoken *spoken = memory_zeroed(1, sizeof *spoken);
    size_t bytes = 0;
    memcpy(spoken->hash, hash, HASH);
    sound_hold(sound);
    spoken->sound = sound;
    spoken->next = speeches->kept;
    speeches->kept = spoken;
    struct spoken **at = &speeches->kept;
    for (; *at; at = &(*at)->next) {
        bytes += (*at)->sound->count * LAWS;
        if (bytes > KEPT_MOST && *at != spoken) break;
    }
    for (struct spoken *old; (old = *at);) {
        *at = old->next;
        sound_release(old->sound);
        free(old);
    }
}

struct sound *speeches_find(struct speeches *speeches, const char *language, const char *text)
{
    uint8_t hash[HASH];
    speech_hash(language, text, hash);
    for (struct spoken **at = &speeches->kept; *at; at = &(*at)->next) {
        struct spoken *spoken = *at;
        if (memcmp(spoken->hash, hash, HASH) != 0) continue;
        *at = spoken->next;
        spoken->next = speeches->kept;
        speeches->kept = spoken;
        sound_hold(spoken->sound);
        return spoken->sound;
    }
    return NULL;
}

/* --- A job's end --- */

static void speech_jobs_start(struct speeches *);

static void speech_job_free(struct speech_job *job)
{
    struct speech_job **at = &job->speeches->jobs;
    while (*at != job) at = &(*at)->next;
    *at = job->next;
    alarm_stop(&job->timer);
    if (job->socket >= 0) {
        loop_leave_file(job->socket);
        close(job->socket);
    }
    free(job->text);
    free(job->wave);
    free(job);
}

/* Sets when the voice is checked next; each text that was spoken puts this off. */
static void speeches_look_later(struct speeches *, bool away);

/* Ends a job: gives its sound, or the reason why there is none, to all who wait. The function `spoken` of those who
 * wait may ask for another text at once. The job is therefore freed after all have got the result, and the next jobs
 * are started last. */
static void speech_job_end(struct speech_job *job, const char *why)
{
    struct speeches *speeches = job->speeches;
    struct sound *sound = NULL;
    size_t count;
    int16_t *samples = why ? NULL : wave8k_samples(job->wave, job->length, &count, &why);
    if (samples) {
        sound = sound_of_samples(samples, count);
        if (!job->look) speech_keep(speeches, job->hash, sound);
        free(samples);
    }
    const char *unspoken = samples ? NULL : why; /* a reason in `why` counts only if there is no sound */
    speeches->tell.told(speeches->tell.self, unspoken);
    speeches_look_later(speeches, unspoken != NULL);
    while (job->waiting) {
        struct speech_wait *wait = job->waiting;
        job->waiting = wait->next;
        wait->spoken(wait->self, sound, why);
    }
    sound_release(sound);
    speech_job_free(job);
    speech_jobs_start(speeches);
}

/* Kills the process of a job. The process leads its own group, so its children are killed with it. */
static void speech_job_kill(struct speech_job *job)
{
    int status;
    if (job->pid <= 0) return;
    kill(-job->pid, SIGKILL);
    waitpid(job->pid, &status, 0); /* the process is killed: this does not block */
    job->pid = 0;
}

/* Checks whether the process has ended; kills it if it takes too long or has written too much. */
static void speech_job_look(void *self)
{
    struct speech_job *job = self;
    int status;
    if (job->heard_all && waitpid(job->pid, &status, WNOHANG) == job->pid) {
        job->pid = 0;
        speech_job_end(job, WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "the command of `tts` has failed");
    } else if (loop_ms() >= job->until_ms || job->length >= WAVE_MOST) {
        speech_job_kill(job);
        speech_job_end(job, "the command of `tts` takes too long, or says too much");
    } else {
        uint64_t left_ms = job->until_ms - loop_ms();
        alarm_set(&job->timer, job->heard_all ? REAP_MS : left_ms, speech_job_look, job);
    }
}

/* --- The process of a job --- */

/* Reads sound from the process; the buffer always has free bytes, and grows in steps. More than WAVE_MOST bytes end
 * the job. */
static void speech_job_read(struct speech_job *job)
{
    if (job->capacity - job->length < 65536) {
        job->capacity = job->capacity * 2 + 131072;
        job->wave = memory_grown(job->wave, job->capacity, 1);
    }
    ssize_t part = recv(job->socket, job->wave + job->length, job->capacity - job->length, MSG_DONTWAIT);
    if (part > 0) job->length += (size_t)part;
    bool later = part < 0 && (errno == EAGAIN || errno == EINTR);
    if (part > 0 && job->length < WAVE_MOST) return;
    if (later) return;
    loop_leave_file(job->socket);
    job->heard_all = part <= 0;
    alarm_set(&job->timer, 0, speech_job_look, job);
}

/* Writes the text to the process. A process that stops reading is no failure: only its sound counts. */
static void speech_job_write(struct speech_job *job)
{
    ssize_t part = send(job->socket, job->text + job->told, job->text_length - job->told, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (part < 0 && (errno == EAGAIN || errno == EINTR)) return;
    job->told = part < 0 ? job->text_length : job->told + (size_t)part;
    if (job->told == job->text_length) shutdown(job->socket, SHUT_WR);
}

static void speech_job_on_socket(int flags, void *self)
{
    struct speech_job *job = self;
    if ((flags & FILE_WRITES) && job->told < job->text_length) {
        speech_job_write(job);
        if (job->told == job->text_length) loop_watch_file(job->socket, FILE_READS, speech_job_on_socket, job);
    }
    if (flags & FILE_READS) speech_job_read(job);
}

bool speech_is_web(const char *command)
{
    return strncmp(command, "http://", 7) == 0 || strncmp(command, "https://", 8) == 0;
}

/* The command for a language: `{language}` in the command is replaced by the language; if that is missing, the
 * language is added as the last argument. If `command` is an HTTP address, the result is a command of curl that
 * posts the text to it. */
static char *speech_command(const char *command, const char *language)
{
    static const char mark[] = "{language}";
    bool web = speech_is_web(command), named = web;
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    if (web)
        fprintf(out,
                "curl -q --silent --fail --header Content-Type:text/plain;charset=utf-8 --header Accept-Language:%s "
                "--data-binary @- ",
                language);
    for (const char *at; (at = strstr(command, mark)); command = at + strlen(mark)) {
        fprintf(out, "%.*s%s", (int)(at - command), command, language);
        named = true;
    }
    fprintf(out, "%s%s%s", command, named ? "" : " ", named ? "" : language);
    fclose(out);
    return text;
}

static void speech_words(char *command, char *words[WORDS_MOST + 1])
{
    unsigned count = 0;
    for (char *word; count < WORDS_MOST && (word = strsep(&command, " "));)
        if (*word) words[count++] = word;
    words[count] = NULL;
}

bool speeches_check(const char *command, char *why, size_t why_size)
{
    char *words[WORDS_MOST + 1], *text = speech_command(command, "en");
    speech_words(text, words);
    gchar *program = words[0] ? g_find_program_in_path(words[0]) : NULL;
    bool good = !*command || program;
    if (!good) snprintf(why, why_size, "tts: there is no program %.200s that can be run", words[0]);
    g_free(program);
    free(text);
    return good;
}

/* Starts the process of a job, with a clean environment, without our signal mask and without our files: only the
 * socket is its stdin and stdout. */
static int speech_spawn(struct speech_job *job, int end)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", utf8[] = "LANG=C.UTF-8";
    char *words[WORDS_MOST + 1], *environment[] = {path, utf8, NULL};
    char *command = speech_command(job->speeches->command, job->language);
    posix_spawn_file_actions_t files;
    speech_words(command, words);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, end, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, end, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    int error = child_spawn(&job->pid, words[0], &files, true, words, environment);
    posix_spawn_file_actions_destroy(&files);
    free(command);
    return error;
}

static const char *speech_job_start(struct speech_job *job)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return strerror(errno);
    job->socket = ends[0];
    int error = speech_spawn(job, ends[1]);
    close(ends[1]);
    if (error != 0) return strerror(error);
    loop_watch_file(job->socket, FILE_READS | FILE_WRITES, speech_job_on_socket, job);
    job->until_ms = loop_ms() + job->speeches->timeout_ms;
    alarm_set(&job->timer, job->speeches->timeout_ms, speech_job_look, job);
    return NULL;
}

/* Ends a job that could not start. A timer calls this, because those who wait have not yet returned from asking. */
static void speech_job_fails(void *self)
{
    speech_job_end(self, "the command of `tts` cannot be run");
}

/* Starts waiting jobs in the order in which they were asked for, RUNNING_MOST at once. A job that cannot be started
 * stays in the list until its timer ends it. */
static void speech_jobs_start(struct speeches *speeches)
{
    unsigned running = 0;
    for (struct speech_job *job = speeches->jobs; job && running < RUNNING_MOST; job = job->next) {
        running++;
        if (job->pid == 0 && job->socket < 0 && speech_job_start(job)) alarm_set(&job->timer, 0, speech_job_fails, job);
    }
}

/* --- Asking --- */

static bool speech_language_good(const char *language)
{
    if (!isalnum((unsigned char)*language) || strlen(language) >= LANGUAGE_SIZE) return false;
    for (; *language; language++)
        if (!isalnum((unsigned char)*language) && *language != '-' && *language != '_') return false;
    return true;
}

static struct speech_job *speech_job_new(struct speeches *speeches, const char *language, const char *text,
                                         const uint8_t hash[HASH])
{
    struct speech_job *job = memory_zeroed(1, sizeof *job), **at = &speeches->jobs;
    job->speeches = speeches;
    memcpy(job->hash, hash, HASH);
    snprintf(job->language, sizeof job->language, "%s", language);
    job->text = memory_format("%s\n", text);
    job->text_length = strlen(job->text);
    job->socket = -1;
    while (*at) at = &(*at)->next;
    return *at = job;
}

static void speeches_look(void *self)
{
    static const char word[] = "1";
    struct speeches *speeches = self;
    uint8_t hash[HASH];
    speech_hash(speeches->language, word, hash);
    speech_job_new(speeches, speeches->language, word, hash)->look = true;
    speech_jobs_start(speeches);
}

/* Sets the next check of the voice. An hour after the last text the voice is not checked any more, because checks may
 * cost money and the next text shows whether the voice works. A voice that has failed is still checked, so that it is
 * not shown as failed longer than it is. */
static void speeches_look_later(struct speeches *speeches, bool away)
{
    if (!away && loop_ms() - speeches->asked_ms >= LOOKS_MS)
        alarm_stop(&speeches->look);
    else
        alarm_set(&speeches->look, away ? LOOK_AWAY_MS : LOOK_MS, speeches_look, speeches);
}

bool speeches_ask(struct speeches *speeches, const char *language, const char *text, struct speech_wait *wait,
                  char *why, size_t why_size)
{
    uint8_t hash[HASH];
    unsigned count = 0;
    struct speech_job *job = speeches->jobs;
    speech_hash(language, text, hash);
    for (; job && memcmp(job->hash, hash, HASH) != 0; job = job->next) count++;
    if (!*speeches->command || !speech_language_good(language) || count == JOBS_MOST) {
        snprintf(why, why_size, "%s",
                 !*speeches->command  ? "no command of `tts` is set"
                 : count == JOBS_MOST ? "too many texts wait to be spoken"
                                      : "the language is no name of one");
        return false;
    }
    if (!job) job = speech_job_new(speeches, language, text, hash);
    job->look = false;
    snprintf(speeches->language, sizeof speeches->language, "%s", language);
    speeches->asked_ms = loop_ms();
    wait->next = job->waiting;
    job->waiting = wait;
    speech_jobs_start(speeches);
    return true;
}

void speeches_forget(struct speeches *speeches, struct speech_wait *wait)
{
    for (struct speech_job *job = speeches->jobs; job; job = job->next)
        for (struct speech_wait **at = &job->waiting; *at; at = &(*at)->next)
            if (*at == wait) {
                *at = wait->next; /* the text is still spoken and its sound kept, though nobody waits for it */
                return;
            }
}

struct speeches *speeches_new(const char *command, uint64_t timeout_ms, const struct speeches_tell *tell)
{
    struct speeches *speeches = memory_zeroed(1, sizeof *speeches);
    speeches->command = memory_text(command);
    speeches->timeout_ms = timeout_ms;
    speeches->tell = *tell;
    return speeches;
}

void speeches_free(struct speeches *speeches)
{
    if (!speeches) return;
    alarm_stop(&speeches->look);
    while (speeches->jobs) {
        speech_job_kill(speeches->jobs);
        speech_job_free(speeches->jobs);
    }
    for (struct spoken *spoken; (spoken = speeches->kept);) {
        speeches->kept = spoken->next;
        sound_release(spoken->sound);
        free(spoken);
    }
    free(speeches->command);
    free(speeches);
}
