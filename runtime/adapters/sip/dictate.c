/* runtime/adapters/sip/dictate.c - Records what a caller says after the beep: one channel, until the caller is
 * silent.
 *
 *     beep |  ... speech ... speech ...        | three seconds of silence: over
 *     beep |                   | five seconds without a word: over, nothing was said
 *
 *     stream --- tap ---> dictation_hear() ---> recording (a WAV file)
 *                               '-- is the packet loud? --> loud, loud_ms
 *     a timer looks at these each DICTATION_LOOK_MS and calls over() once
 *
 * The tap is called in the handler of a socket; the timer ends the dictation, because only there a call may end. A
 * recording in which nothing was said is removed, so an empty message never waits for an agent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/record.h"
#include "runtime/adapters/sip/sound_fault.h"
#include "base/memory.h"

enum {
    DICTATION_LOOK_MS = 100,
    DICTATE_SILENT_MS = 3000,
    WORDLESS_MS = 5000,
    LOUD_PACKETS = 5,
    HASH_MOST = 32 * 1024 * 1024 /* in bytes: a larger file is not hashed, because it is read whole for that */
};

struct dictation {
    struct stream *stream;
    struct recording *recording;
    char *path;
    uint64_t began_ms, loud_ms, most_ms;
    unsigned loud; /* loud packets so far: fewer than LOUD_PACKETS are a click */
    struct alarm timer;
    void (*over)(void *self);
    void *self;
};

static void dictation_hear(void *self, bool sent, const struct stream_sound *sound)
{
    struct dictation *dictation = self;
    uint64_t now_ms = loop_ms();
    if (sent) return;
    record_hear(dictation->recording, 0, sound->law, sound->codes, sound->count, sound->source, sound->timestamp,
                now_ms);
    if (!record_is_loud(sound->law, sound->codes, sound->count)) return;
    dictation->loud++;
    dictation->loud_ms = now_ms;
}

static bool dictation_said(const struct dictation *dictation)
{
    return dictation->loud >= LOUD_PACKETS;
}

/* Ends the dictation after silence or at its time limit; once the caller has said something, a shorter silence
 * suffices. */
static void dictation_on_time(void *self)
{
    struct dictation *dictation = self;
    uint64_t now_ms = loop_ms();
    bool over = record_over(dictation->recording, now_ms) || now_ms - dictation->began_ms >= dictation->most_ms;
    bool silent = now_ms - dictation->loud_ms > (dictation_said(dictation) ? DICTATE_SILENT_MS : WORDLESS_MS);
    if (silent || over)
        dictation->over(dictation->self); /* over() frees this dictation */
    else
        alarm_set(&dictation->timer, DICTATION_LOOK_MS, dictation_on_time, dictation);
}

/* The path of a recording of a caller's words; NULL for a recording of a whole call, which has another name and is
 * kept for those who must listen to it. */
char *dictate_path(const struct exchange *exchange, const char *recording)
{
    const char *folder = exchange->setting.recordings, *name = strchr(recording, '/');
    bool good = *folder && name && strncmp(recording, "recordings/", strlen("recordings/")) == 0 && name[1] != '.' &&
                !strpbrk(name + 1, "/\\") && strstr(name, "-said-");
    return good ? memory_format("%s%s", folder, name) : NULL;
}

struct dictation *dictate_begin(struct exchange *exchange, struct stream *stream, const char *name, uint64_t most_ms,
                                void (*over)(void *self), void *self, char *why, size_t why_size)
{
    char *path;
    struct recording *recording = recorder_file(exchange, name, 1, most_ms, &path, why, why_size);
    if (!recording) return NULL;
    struct dictation *dictation = memory_zeroed(1, sizeof *dictation);
    uint64_t now_ms = loop_ms();
    *dictation = (struct dictation){stream, recording, path, now_ms, now_ms, most_ms, .over = over, .self = self};
    alarm_set(&dictation->timer, DICTATION_LOOK_MS, dictation_on_time, dictation);
    stream_set_tap(stream, TAP_DICTATION, &(struct stream_tap){dictation, dictation_hear});
    return dictation;
}

/* Ends the dictation, and frees it and its path in any case. `key` is the name of the file without its folder. A
 * large file is not hashed here, because the whole process would wait for the disk. */
bool dictate_end(struct dictation *dictation, bool keep, struct recording_facts *facts, char *key, size_t key_size)
{
    bool said = keep && dictation_said(dictation);
    alarm_stop(&dictation->timer);
    stream_set_tap(dictation->stream, TAP_DICTATION, NULL);
    struct record_end end = record_end(dictation->recording, loop_ms());
    const char *name = strrchr(dictation->path, '/');
    *key = '\0';
    if (!SOUND_HOLDS(name) || snprintf(key, key_size, "%s", name + 1) >= (int)key_size) said = false;
    *facts = (struct recording_facts){"recordings", key, "audio/wav", end.length, false, {0}};
    if (said && end.length > 0 && end.length <= HASH_MOST) facts->hashed = record_hash(dictation->path, facts->sha256);
    if (!said) unlink(dictation->path);
    free(dictation->path);
    free(dictation);
    return said && end.length > 0;
}
