/* runtime/adapters/sip/recorder.c - Recordings of calls: the left channel is the caller, the right one is what the
 * caller hears.
 *
 *     recording.start()  -->  00106b000c970000.wav      CONNID, and CONNID-2 where the call was recorded before
 *     its end            -->  00106b000c970000.wav.sha256, which `sha256sum -c` reads
 *
 * The hash of a file is computed once the recording has ended, in small parts between other work, because the file
 * may be long. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/record.h"
#include "runtime/adapter/refused.h"
#include "base/file.h"
#include "base/memory.h"

enum { HASH_PART = 262144, HASH_EVERY_MS = 5, NAMES_MOST = 1000 };

struct recorder {
    struct recording *recording;
    char *path;
    struct alarm over; /* ends a recording that was found over while its sound came */
};

struct hashing {
    struct exchange *exchange;
    char *path;
    FILE *file;
    uint64_t length;
    crypto_hash_sha256_state state;
    struct alarm timer;
    struct hashing *next;
};

/* --- Hashes --- */

static void hashing_free(struct hashing *hashing)
{
    struct hashing **at = &hashing->exchange->first_hashing;
    while (*at != hashing) at = &(*at)->next;
    *at = hashing->next;
    alarm_stop(&hashing->timer);
    fclose(hashing->file);
    free(hashing->path);
    free(hashing);
}

/* Writes the file with the hash. The file of an incomplete hash is removed: checking the recording against it would
 * fail. */
static bool hashing_write(const struct hashing *hashing, const char *hex)
{
    char *path = memory_format("%s.sha256", hashing->path);
    char *line = memory_format("%s  %s\n", hex, strrchr(hashing->path, '/') + 1);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = file >= 0 && file_put_all(file, line, strlen(line));
    int why = errno;
    if (file >= 0 && close(file) != 0 && good) good = false, why = errno;
    if (!good && file >= 0) unlink(path);
    free(path);
    free(line);
    errno = why;
    return good;
}

static void hashing_end(struct hashing *hashing)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    const char *path = hashing->path;
    unsigned long long length = hashing->length;
    crypto_hash_sha256_final(&hashing->state, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    if (ferror(hashing->file))
        exchange_log(hashing->exchange, GCX_LOG_WARNING, "sip: recording %s cannot be read: it has no hash", path);
    else if (hashing_write(hashing, hex))
        exchange_log(hashing->exchange, GCX_LOG_INFO, "sip: recording %s: %llu bytes, sha256 %s", path, length, hex);
    else
        exchange_log(hashing->exchange, GCX_LOG_WARNING,
                     "sip: recording %s: %llu bytes, sha256 %s; %s.sha256 cannot be written: %s", path, length, hex,
                     path, strerror(errno));
    hashing_free(hashing);
}

/* True: there is more. */
static bool hashing_go_on(struct hashing *hashing)
{
    static uint8_t part[HASH_PART];
    size_t count = fread(part, 1, sizeof part, hashing->file);
    hashing->length += count;
    crypto_hash_sha256_update(&hashing->state, part, count);
    if (count == sizeof part) return true;
    hashing_end(hashing);
    return false;
}

static void hashing_on_time(void *self)
{
    struct hashing *hashing = self;
    if (hashing_go_on(hashing)) alarm_set(&hashing->timer, HASH_EVERY_MS, hashing_on_time, hashing);
}

static void hashing_begin(struct exchange *exchange, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        exchange_log(exchange, GCX_LOG_WARNING, "sip: %s: %s", path, strerror(errno));
        return;
    }
    struct hashing *hashing = memory_zeroed(1, sizeof *hashing);
    hashing->exchange = exchange;
    hashing->path = memory_text(path);
    hashing->file = file;
    hashing->next = exchange->first_hashing;
    exchange->first_hashing = hashing;
    crypto_hash_sha256_init(&hashing->state);
    alarm_set(&hashing->timer, HASH_EVERY_MS, hashing_on_time, hashing);
}

/* Finishes all hashes at once, without pauses, at the end of the process. */
void recorders_close(struct exchange *exchange)
{
    while (exchange->first_hashing)
        while (hashing_go_on(exchange->first_hashing)) {
        }
}

/* --- Files --- */

/* Opens a recording under the first name that is free. access() only skips names that are taken; record_open()
 * refuses a file that was created meanwhile. */
struct recording *recorder_file(struct exchange *exchange, const char *name, unsigned channels, uint64_t most_ms,
                                char **path, char *why, size_t why_size)
{
    const struct sip_setting *setting = &exchange->setting;
    struct recording *recording = NULL;
    uint64_t longest_ms = setting->recording_max * 1000;
    struct record_limits limits = {most_ms < longest_ms ? most_ms : longest_ms, setting->recordings_free << 20};
    *path = NULL;
    if (!*setting->recordings) {
        snprintf(why, why_size, "no folder of recordings is set");
        return NULL;
    }
    for (unsigned number = 1; !recording && number < NAMES_MOST; number++) {
        free(*path);
        *path = number == 1 ? memory_format("%s/%s.wav", setting->recordings, name)
                            : memory_format("%s/%s-%u.wav", setting->recordings, name, number);
        if (access(*path, F_OK) == 0) continue;
        recording = record_open(*path, channels, &limits, loop_ms(), why, why_size);
        if (!recording) break;
    }
    if (recording) return recording;
    free(*path);
    *path = NULL;
    return NULL;
}

/* --- A call's recording --- */

void recorder_end(struct talk *talk)
{
    struct recorder *recorder = talk->recorder;
    struct exchange *exchange = talk->exchange;
    if (!recorder) return;
    alarm_stop(&recorder->over);
    if (talk->caller) stream_set_tap(talk->caller->stream, TAP_RECORDER, NULL);
    struct record_end end = record_end(recorder->recording, loop_ms());
    if (end.reason) {
        exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s: %s ended: %s", talk->id, recorder->path, end.reason);
        refused_tell(exchange->cti.link, exchange->cti.services, REFUSED_sip_recording, "call=%s: %s", talk->id,
                     end.reason);
    }
    if (end.length > 0) hashing_begin(exchange, recorder->path);
    free(recorder->path);
    free(recorder);
    talk->recorder = NULL;
}

/* Ends a recording that is over by itself, and tells all desktops at the call at once, because agents rely on what
 * their desktop shows. */
static void recorder_on_over(void *self)
{
    struct talk *talk = self;
    struct call *call = talk_call(talk);
    recorder_end(talk);
    if (call) cti_recording_over(&talk->exchange->cti, call);
}

/* Records sound. The sound comes in the handler of a socket, so a recording that is over is ended later by an alarm:
 * the tap must not be removed while it is called. */
static void recorder_on_sound(void *self, bool sent, const struct stream_sound *sound)
{
    struct talk *talk = self;
    struct recorder *recorder = talk->recorder;
    uint64_t now_ms = loop_ms();
    if (talk->aside) return; /* the leg is in the main call now */
    record_hear(recorder->recording, sent, sound->law, sound->codes, sound->count, sound->source, sound->timestamp,
                now_ms);
    if (record_over(recorder->recording, now_ms)) alarm_set(&recorder->over, 0, recorder_on_over, talk);
}

/* Sets the tap of the recording on the stream of the caller. If another leg becomes the caller, a call of this moves
 * the tap there. */
void recorder_follow(struct talk *talk)
{
    const struct stream_tap tap = {talk, recorder_on_sound};
    if (talk->recorder) stream_set_tap(talk->caller->stream, TAP_RECORDER, &tap);
}

void recorder_mark(struct talk *talk, const struct leg *supervisor, bool over)
{
    static const char *const does[] = {
        [ASK_LISTEN] = "listens", [ASK_COACH] = "whispers", [ASK_BARGE_IN] = "joins", [ASK_TAKE_OVER] = "takes over"};
    const struct call *call = talk_call(talk);
    const struct call_party *party = call ? call_party(call, supervisor->dn) : NULL;
    char text[RECORD_MARK + 1];
    if (!talk->recorder) return;
    snprintf(text, sizeof text, "%s %s%s", party && *party->watcher ? party->watcher : supervisor->dn,
             does[supervisor->mode], over ? " no longer" : "");
    record_mark(talk->recorder->recording, text, loop_ms());
}

static bool recorder_start(struct talk *talk, const char *name, char *why, size_t why_size)
{
    struct recorder *recorder = memory_zeroed(1, sizeof *recorder);
    recorder->recording = recorder_file(talk->exchange, name, 2, UINT64_MAX, &recorder->path, why, why_size);
    if (!recorder->recording) {
        refused_tell(talk->exchange->cti.link, talk->exchange->cti.services, REFUSED_sip_recording, "call=%s: %s",
                     talk->id, why);
        free(recorder);
        return false;
    }
    talk->recorder = recorder;
    recorder_follow(talk);
    for (const struct leg *leg = talk->guests; leg; leg = leg->next_guest)
        if (leg->monitors && leg->state == LEG_TALKING) recorder_mark(talk, leg, false);
    exchange_log(talk->exchange, GCX_LOG_INFO, "sip: call=%s: %s begins", talk->id, recorder->path);
    return true;
}

/* Starts, stops or pauses the recording. An order that is done already succeeds again; a start also ends a pause. */
static enum code recorder_do(struct talk *talk, const char *name, enum call_op op, char *why, size_t why_size)
{
    if (talk->recorder && record_over(talk->recorder->recording, loop_ms())) recorder_on_over(talk);
    struct recorder *recorder = talk->recorder;
    if (op == call_op_recording_start && !recorder)
        return recorder_start(talk, name, why, why_size) ? code_ok : code_not_applied;
    if (op == call_op_recording_stop) {
        recorder_end(talk);
        return code_ok;
    }
    snprintf(why, why_size, "it is not recorded");
    if (!recorder) return code_invalid_state;
    record_mask(recorder->recording, op == call_op_recording_pause, loop_ms());
    return code_ok;
}

void recorder_order(void *self, uint64_t ask, const struct call *call, enum call_op op)
{
    struct exchange *exchange = self;
    struct talk *talk = talk_find(exchange, call->id);
    char why[512] = "the call is gone, or not answered here";
    cti_clock(&exchange->cti);
    bool heard = talk && talk->caller && talk->caller->stream; /* a redirected call has no stream */
    enum code code = heard ? recorder_do(talk, call->conn_text, op, why, sizeof why) : code_not_applied;
    if (code == code_ok)
        cti_answered(&exchange->cti, ask);
    else
        cti_refused(&exchange->cti, ask, code, why);
}
