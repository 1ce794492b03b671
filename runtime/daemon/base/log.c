/* runtime/daemon/base/log.c - Lines of the log: made by the thread that logs, written by a thread of their own.
 *
 *     log_line: level, how often --> a line --> the buffer --swapped by the thread--> the stream
 *
 * A line is made by the thread that logs and written by another thread, so that a terminal or a disk that stands
 * still never holds up the core. The buffer is bounded: lines that find it full are lost and counted, and the count
 * is logged once there is room. If a kind of line comes too often in a second, only the number of further lines is
 * logged. Each room (part of the program), such as "journal", can have a level of its own; whether a line is wanted
 * is found without the lock. */
#include "runtime/daemon/base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/protocol/words.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/shown.h"

enum {
    BUFFER_BYTES = 1 << 20, /* size of each of two buffers: one is filled while the other is written */
    GATHER_US = 10000,      /* lines within this time after a line are written together with that line */
    READER_US = 1000,       /* if the reader is slow, the next write is tried after this time */
    POLL_MS = 100,
    LAST_WORDS_US = 500000, /* at the end the log waits at most so long for a reader that does not read */
    KINDS = 256,
    TEXT_MAX = 1700, /* bytes of a line's text at most, so that it still fits into a line after escaping */
    KIND_SIZE = 48,
};

struct room {
    char name[LOG_ROOM_SIZE];
    atomic_int level;
};

struct kind { /* a kind of line (room and first word) that was logged lately */
    uint64_t hash, second, count;
    char room[LOG_ROOM_SIZE], word[KIND_SIZE];
};

struct buffer {
    size_t length;
    char bytes[BUFFER_BYTES];
};

struct log {
    struct log_options options;
    bool journald, socket;
    atomic_int level;  /* the level of all rooms without a level of their own */
    atomic_int lowest; /* the lowest of `level` and of the rooms' own levels */
    struct room rooms[LOG_ROOMS_MAX];
    atomic_uint room_count;
    atomic_uint_fast64_t dropped;

    pthread_mutex_t lock; /* lock that guards all members after it */
    pthread_cond_t wake;
    struct buffer *filling, *writing;
    struct kind kinds[KINDS];
    time_t second; /* and as text */
    char second_text[32];
    uint64_t reported; /* of `dropped` */
    bool stop;
    uint64_t stop_us;
    pthread_t thread;
};

bool log_level_of(const char *name, enum log_level *level)
{
    int place = word_place("log_level", name);
    if (place >= 0) *level = (enum log_level)place;
    return place >= 0;
}

const char *log_level_name(enum log_level level)
{
    return word_of_list("log_level", level);
}

bool log_format_of(const char *name, enum log_format *format)
{
    int place = word_place("log_format", name);
    if (place >= 0) *format = (enum log_format)place;
    return place >= 0;
}

const char *log_format_name(enum log_format format)
{
    return word_of_list("log_format", format);
}

/* ---- making a line ---- */

/* Writes the time; the text of a second is made once. With the lock. */
static size_t log_time_print(struct log *log, char *text, size_t size)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != log->second) {
        gmtime_r(&now.tv_sec, &utc);
        strftime(log->second_text, sizeof log->second_text, "%Y-%m-%dT%H:%M:%S", &utc);
        log->second = now.tv_sec;
    }
    return (size_t)snprintf(text, size, "%s.%03ldZ", log->second_text, now.tv_nsec / 1000000);
}

/* Escapes as much of the text as there is room for: a control character becomes its number, as JSON writes it. For
 * JSON, a number above 0xffff becomes two escapes, as one has only four digits. */
static size_t log_escaped(char *out, size_t size, const char *text)
{
    size_t at = 0;
    unsigned length;
    char shown[SHOWN_MAX], json[2 * SHOWN_MAX];
    for (size_t left = strlen(text); left > 0; text += length, left -= length) {
        uint32_t number = 0;
        if (shown_next((const uint8_t *)text, left, &length, shown))
            snprintf(json, sizeof json, "%s%s", *text == '"' || *text == '\\' ? "\\" : "", shown);
        else if (sscanf(shown, "\\u{%" SCNx32 "}", &number) == 1 && number > 0xffff)
            snprintf(json, sizeof json, "\\u%04x\\u%04x", 0xd7c0 + (number >> 10), 0xdc00 | (number & 0x3ff));
        else
            snprintf(json, sizeof json, shown[0] == '?' ? "?" : "\\u%04x", number);
        size_t wide = strlen(json);
        if (at + wide >= size) break;
        memcpy(out + at, json, wide);
        at += wide;
    }
    return at;
}

struct log_entry {
    enum log_level level;
    const char *room;
    uint64_t ixn, conn;
    const char *text; /* the line's text: UTF-8, at most TEXT_MAX bytes */
};

static size_t json_print(struct log *log, char *line, size_t size, const struct log_entry *said)
{
    char ixn[IXN_TEXT];
    size_t at = (size_t)snprintf(line, size, "{\"time\":\"");
    at += log_time_print(log, line + at, size - at);
    at += (size_t)snprintf(line + at, size - at, "\",\"level\":\"%s\",\"room\":\"%.63s\"", log_level_name(said->level),
                           said->room);
    ident_print_ixn(said->ixn, ixn);
    if (said->ixn != 0) at += (size_t)snprintf(line + at, size - at, ",\"ixn\":\"%s\"", ixn);
    if (said->conn != 0)
        at += (size_t)snprintf(line + at, size - at, ",\"conn\":\"%016llx\"", (unsigned long long)said->conn);
    at += (size_t)snprintf(line + at, size - at, ",\"text\":\"");
    at += log_escaped(line + at, size - at - strlen("\"}"), said->text);
    return at + (size_t)snprintf(line + at, size - at, "\"}");
}

/* journald adds the time itself. */
static size_t text_print(struct log *log, char *line, size_t size, const struct log_entry *said)
{
    char ixn[IXN_TEXT];
    size_t at = 0;
    if (!log->journald) {
        at = log_time_print(log, line, size);
        line[at++] = ' ';
    }
    at += (size_t)snprintf(line + at, size - at, "%s %.63s", log_level_name(said->level), said->room);
    ident_print_ixn(said->ixn, ixn);
    if (said->ixn != 0) at += (size_t)snprintf(line + at, size - at, " ixn=%s", ixn);
    if (said->conn != 0) at += (size_t)snprintf(line + at, size - at, " conn=%016llx", (unsigned long long)said->conn);
    line[at++] = ' ';
    return at + shown_text(line + at, size - at, said->text);
}

enum { LINE_SIZE = 2 * TEXT_MAX + 320 };
static_assert((int)LINE_SIZE <= PIPE_BUF, "a line is one write");

/* Writes the line into a buffer; returns its length in bytes, with the line end. */
static size_t line_make(struct log *log, char line[LINE_SIZE], const struct log_entry *said)
{
    static const char priorities[] = {'7', '6', '4', '3'};
    size_t at = 0;
    if (log->journald) at = (size_t)snprintf(line, LINE_SIZE, "<%c>", priorities[said->level]);
    at += log->options.format == LOG_JSON ? json_print(log, line + at, LINE_SIZE - at - 1, said)
                                          : text_print(log, line + at, LINE_SIZE - at - 1, said);
    line[at++] = '\n';
    return at;
}

/* ---- which lines are taken; all with the lock held ---- */

/* Puts a line into the buffer; only the first line wakes the writing thread. */
static void log_put(struct log *log, const struct log_entry *said)
{
    char line[LINE_SIZE];
    size_t length = line_make(log, line, said);
    if (BUFFER_BYTES - log->filling->length < length) {
        atomic_fetch_add(&log->dropped, 1);
        return;
    }
    if (log->filling->length == 0) pthread_cond_signal(&log->wake);
    memcpy(log->filling->bytes + log->filling->length, line, length);
    log->filling->length += length;
}

/* Logs how many lines of the kind were suppressed: when the second is over, or when another kind takes its place in
 * the table. */
static void report_suppressed(struct log *log, struct kind *kind)
{
    char text[KIND_SIZE + 64];
    if (kind->count <= log->options.rate) return;
    snprintf(text, sizeof text, "%s: %llu more suppressed", kind->word,
             (unsigned long long)(kind->count - log->options.rate));
    bytes_clean_utf8(text); /* the word at the end of the text may have been cut within a character */
    log_put(log, &(struct log_entry){.level = LOG_LEVEL_WARNING, .room = kind->room, .text = text});
    kind->count = 0;
}

/* Counts a line of its kind, and returns whether there are too many. The kind loses its place in the table, and
 * begins anew, when another kind needs the place. A line's kind is its room and its first word: "link" of "link:
 * adapter crm is up". */
static bool log_often(struct log *log, const struct log_entry *said, uint64_t second)
{
    uint64_t hash = 14695981039346656037u;
    size_t word = strcspn(said->text, " :=");
    struct kind *kind;
    if (log->options.rate == 0) return false;
    for (const char *at = said->room; *at != '\0'; at++) hash = (hash ^ (uint8_t)*at) * 1099511628211u;
    for (size_t i = 0; i < word; i++) hash = (hash ^ (uint8_t)said->text[i]) * 1099511628211u;
    kind = &log->kinds[hash % KINDS];
    if (kind->hash != hash || kind->second != second) {
        report_suppressed(log, kind);
        *kind = (struct kind){.hash = hash, .second = second};
        snprintf(kind->room, sizeof kind->room, "%s", said->room);
        snprintf(kind->word, sizeof kind->word, "%.*s", (int)word, said->text);
    }
    return ++kind->count > log->options.rate;
}

/* Logs how many lines were lost, once half of the buffer is free: that line must not be lost as well. */
static void log_report_lost(struct log *log, uint64_t second)
{
    uint64_t dropped = atomic_load(&log->dropped);
    char text[80];
    for (size_t i = 0; i < KINDS && log->options.rate != 0; i++)
        if (log->kinds[i].second != second) report_suppressed(log, &log->kinds[i]);
    if (dropped == log->reported || log->filling->length > BUFFER_BYTES / 2) return;
    snprintf(text, sizeof text, "%llu lines of the log were lost: nobody read them",
             (unsigned long long)(dropped - log->reported));
    log->reported = dropped;
    log_put(log, &(struct log_entry){.level = LOG_LEVEL_WARNING, .room = "log", .text = text});
}

void log_line(const struct log *to, enum log_level level, const char *room, uint64_t ixn, uint64_t conn,
              const char *format, ...)
{
    assert(to && room && format);
    /* const is cast away: logging changes nothing that a caller can see */
    struct log *log = (struct log *)(uintptr_t)to;
    struct log_entry said = {.level = level, .room = room, .ixn = ixn, .conn = conn};
    char text[TEXT_MAX + 1];
    va_list arguments;
    if (!log_wants(log, level, room)) return;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    va_end(arguments);
    bytes_clean_utf8(text); /* the text quotes data from outside, and may be cut */
    said.text = text;
    pthread_mutex_lock(&log->lock);
    if (!log_often(log, &said, host_monotonic_us() / 1000000)) log_put(log, &said);
    pthread_mutex_unlock(&log->lock);
}

/* ---- the thread that writes ---- */

/* Writes as much as the stream takes without waiting, and returns its length; 0: nobody reads. A write has whole
 * lines and fits into a pipe at once, so lines of two processes never mix. */
static size_t write_some(const struct log *log, const char *bytes, size_t length)
{
    struct pollfd wait = {log->options.fd, POLLOUT, 0};
    const char *end = length > PIPE_BUF ? memrchr(bytes, '\n', PIPE_BUF) : NULL;
    size_t piece = end ? (size_t)(end + 1 - bytes) : length < PIPE_BUF ? length : PIPE_BUF;
    ssize_t n;
    if (poll(&wait, 1, POLL_MS) != 1) return 0;
    n = log->socket ? send(log->options.fd, bytes, piece, MSG_DONTWAIT | MSG_NOSIGNAL)
                    : write(log->options.fd, bytes, piece);
    if (n >= 0) return (size_t)n;
    /* a stream that is closed counts as having taken everything */
    return errno == EINTR || errno == EAGAIN ? 0 : length;
}

/* At the end the log waits for a reader that stands still until LAST_WORDS_US are over, and no longer. */
static bool log_over(struct log *log)
{
    bool yes;
    pthread_mutex_lock(&log->lock);
    yes = log->stop && host_monotonic_us() >= log->stop_us;
    pthread_mutex_unlock(&log->lock);
    return yes;
}

static void log_write_all(struct log *log)
{
    struct buffer *buffer = log->writing;
    for (size_t at = 0, n; at < buffer->length; at += n) {
        n = write_some(log, buffer->bytes + at, buffer->length - at);
        if (n != 0) continue;
        if (log_over(log)) break;
        usleep(READER_US);
    }
    buffer->length = 0;
}

/* The log's thread: swaps the buffers, and writes the full one without the lock. After the
 * first line the thread waits GATHER_US, so that many lines are one write. */
static void *main_of(void *self)
{
    struct log *log = self;
    pthread_mutex_lock(&log->lock);
    for (;;) {
        struct timespec until;
        struct buffer *full;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        while (log->filling->length == 0 && !log->stop)
            if (pthread_cond_timedwait(&log->wake, &log->lock, &until) == ETIMEDOUT) break;
        log_report_lost(log, log->stop ? UINT64_MAX : host_monotonic_us() / 1000000);
        if (log->filling->length == 0) {
            if (log->stop) break;
            continue;
        }
        if (!log->stop) {
            pthread_mutex_unlock(&log->lock);
            usleep(GATHER_US);
            pthread_mutex_lock(&log->lock);
        }
        full = log->filling;
        log->filling = log->writing;
        log->writing = full;
        pthread_mutex_unlock(&log->lock);
        log_write_all(log);
        pthread_mutex_lock(&log->lock);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

/* True: systemd has made this stream for a service's output. */
static bool is_journald(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat info;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &info) == 0 &&
           info.st_dev == device && info.st_ino == inode;
}

struct log *log_new(const struct log_options *options)
{
    assert(options && options->fd >= 0);
    struct log *log = memory_zeroed(1, sizeof *log);
    pthread_condattr_t attributes;
    sigset_t all, before;
    struct stat info;
    log->options = *options;
    log->filling = memory_zeroed(1, sizeof *log->filling);
    log->writing = memory_zeroed(1, sizeof *log->writing);
    log->journald = is_journald(options->fd);
    log->socket = fstat(options->fd, &info) == 0 && S_ISSOCK(info.st_mode);
    atomic_init(&log->level, (int)options->level);
    atomic_init(&log->lowest, (int)options->level);
    pthread_mutex_init(&log->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&log->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for others */
    if (pthread_create(&log->thread, NULL, main_of, log) != 0) abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_setname_np(log->thread, "gcx-log");
    return log;
}

void log_free(struct log *log)
{
    struct timespec until;
    if (!log) return;
    pthread_mutex_lock(&log->lock);
    log->stop = true;
    log->stop_us = host_monotonic_us() + LAST_WORDS_US;
    pthread_cond_signal(&log->wake);
    pthread_mutex_unlock(&log->lock);
    /* Another process on the same pipe may have filled it meanwhile: the write then blocks, and the thread is left
     * as it is. */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 2;
    if (pthread_timedjoin_np(log->thread, NULL, &until) != 0) return;
    pthread_cond_destroy(&log->wake);
    pthread_mutex_destroy(&log->lock);
    free(log->filling);
    free(log->writing);
    free(log);
}

/* ---- levels ---- */

/* Finds a room's level. Rooms are only ever added, so they are read without the lock: room_count is raised after the
 * room is filled in. */
static struct room *room_find(const struct log *log, const char *name)
{
    unsigned count = atomic_load_explicit(&log->room_count, memory_order_acquire);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(log->rooms[i].name, name) == 0) return (struct room *)(uintptr_t)&log->rooms[i];
    return NULL;
}

/* Sets the level of one room, or of all rooms without a level of their own. False: there is no place for another
 * room. */
bool log_set(const struct log *to, const char *name, enum log_level level)
{
    assert(to);
    struct log *log = (struct log *)(uintptr_t)to;
    struct room *room;
    unsigned count;
    int lowest;
    pthread_mutex_lock(&log->lock);
    count = atomic_load(&log->room_count);
    room = name ? room_find(log, name) : NULL;
    if (!name) {
        atomic_store(&log->level, (int)level);
    } else if (room) {
        atomic_store(&room->level, (int)level);
    } else if (count < LOG_ROOMS_MAX) {
        snprintf(log->rooms[count].name, sizeof log->rooms[count].name, "%s", name);
        atomic_store(&log->rooms[count].level, (int)level);
        atomic_store_explicit(&log->room_count, ++count, memory_order_release);
    }
    lowest = atomic_load(&log->level);
    for (unsigned i = 0; i < count; i++)
        if (atomic_load(&log->rooms[i].level) < lowest) lowest = atomic_load(&log->rooms[i].level);
    atomic_store(&log->lowest, lowest);
    pthread_mutex_unlock(&log->lock);
    return !name || room_find(log, name);
}

/* True: the line may be wanted. Most lines end at the first comparison: nothing is locked or searched for a level
 * that no room wants. */
bool log_wants(const struct log *log, enum log_level level, const char *name)
{
    assert(log);
    struct room *room;
    if ((int)level < atomic_load_explicit(&log->lowest, memory_order_relaxed)) return false;
    room = name ? room_find(log, name) : NULL;
    if (!name) return true;
    return (int)level >= atomic_load_explicit(room ? &room->level : &log->level, memory_order_relaxed);
}

bool log_personal(const struct log *log)
{
    return log->options.personal;
}

uint64_t log_dropped(const struct log *log)
{
    return atomic_load(&log->dropped);
}
