/* tests/unit/sip_speech.c - How long a voice that nobody needs is asked for a word. The clock is the test's own. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/speech.h"
#include "runtime/adapters/sip/ua/loop.h"

TestSuite(sip_speech, .timeout = 20);

enum { TIMERS = 8, FILES = 64 };

static uint64_t now_ms = 5000;
static struct alarm *timers[TIMERS];
static struct {
    file_ready *handler;
    void *argument;
} files[FILES];

uint64_t loop_ms(void)
{
    return now_ms;
}

void alarm_stop(struct alarm *alarm)
{
    for (unsigned i = 0; i < TIMERS; i++)
        if (timers[i] == alarm) timers[i] = NULL;
    alarm->rings = NULL;
}

void alarm_set(struct alarm *alarm, uint64_t after_ms, alarm_rings *rings, void *self)
{
    unsigned i = 0;
    alarm_stop(alarm);
    while (timers[i]) i++;
    *alarm = (struct alarm){rings, self, now_ms + after_ms, NULL};
    timers[i] = alarm;
}

void loop_watch_file(int file, int flags, file_ready *handler, void *argument)
{
    (void)flags;
    cr_assert_lt(file, FILES);
    files[file].handler = handler, files[file].argument = argument;
}

void loop_leave_file(int file)
{
    files[file].handler = NULL;
}

static bool file_speaks(void)
{
    for (int file = 0; file < FILES; file++) {
        struct pollfd one = {.fd = file, .events = POLLIN | POLLOUT};
        if (!files[file].handler || poll(&one, 1, 1) <= 0) continue;
        int flags = (one.revents & POLLOUT ? FILE_WRITES : 0) | (one.revents & (POLLIN | POLLHUP) ? FILE_READS : 0);
        files[file].handler(flags, files[file].argument);
        return true;
    }
    return false;
}

static bool job_runs(void)
{
    for (int file = 0; file < FILES; file++)
        if (files[file].handler) return true;
    return false;
}

/* A process is waited for, and takes no time of the test's clock. */
static void pass(uint64_t ms)
{
    uint64_t until_ms = now_ms + ms;
    for (;;) {
        struct alarm *first = NULL;
        while (job_runs())
            if (!file_speaks()) usleep(500);
        for (unsigned i = 0; i < TIMERS; i++)
            if (timers[i] && (!first || timers[i]->at_ms < first->at_ms)) first = timers[i];
        if (!first || first->at_ms > until_ms) break;
        if (first->at_ms > now_ms) now_ms = first->at_ms;
        alarm_rings *rings = first->rings;
        void *self = first->self;
        alarm_stop(first);
        rings(self);
    }
    now_ms = until_ms;
}

static unsigned spoken, failed, heard;

static void on_told(void *self, const char *why)
{
    (void)self;
    if (why)
        failed++;
    else
        spoken++;
}

static void on_spoken(void *self, struct sound *sound, const char *why)
{
    (void)self, (void)why;
    heard += sound != NULL;
}

static void ask(struct speeches *speeches, const char *text)
{
    static struct speech_wait wait = {.spoken = on_spoken};
    char why[128];
    cr_assert(speeches_ask(speeches, "en", text, &wait, why, sizeof why), "%s", why);
}

static void make(const char *path)
{
    uint8_t wave[44 + 2 * 800];
    FILE *file = fopen(path, "w");
    memset(wave, 0, sizeof wave);
    memcpy(wave, "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\200\76\0\0\2\0\20\0data\100\6\0\0", 44);
    cr_assert(file && fwrite(wave, sizeof wave, 1, file) == 1 && fclose(file) == 0);
}

Test(sip_speech, a_voice_is_asked_for_an_hour_after_the_last_text)
{
    char folder[] = "/tmp/sip_speech.XXXXXX", command[64], path[64], away[64];
    cr_assert(mkdtemp(folder));
    snprintf(command, sizeof command, "cat %s/{language}", folder);
    snprintf(path, sizeof path, "%s/en", folder);
    snprintf(away, sizeof away, "%s/away", folder);
    make(path);
    struct speeches *speeches = speeches_new(command, 1000000, &(struct speeches_tell){on_told, NULL});
    pass(600000);
    cr_assert_eq(spoken, 0, "nobody has asked for a text");
    ask(speeches, "Hello.");
    pass(600000);
    cr_assert(heard == 1 && spoken >= 10 && spoken <= 11, "%u", spoken);
    pass(52 * 60000);
    unsigned after_an_hour = spoken;
    cr_assert(spoken >= 60 && spoken <= 62, "%u", spoken);
    pass(600 * 60000);
    cr_assert_eq(spoken, after_an_hour, "each word may cost money");
    ask(speeches, "Hello again.");
    pass(58 * 60000);
    cr_assert(heard == 2 && spoken >= after_an_hour + 57, "%u", spoken);
    rename(path, away);
    pass(5 * 60000);
    cr_assert_gt(failed, 40, "%u: a voice that is away is asked until it is there", failed);
    rename(away, path);
    unsigned before = spoken;
    pass(3600000);
    cr_assert_eq(spoken, before + 1);
    speeches_free(speeches);
    unlink(path);
    rmdir(folder);
}
