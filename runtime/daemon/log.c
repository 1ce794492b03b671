/* runtime/daemon/log.c - Lines of the log: made whole, written once. */
#include "config.h"
#include "runtime/daemon/log.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warning", "error"};

bool log_level_of(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

void ixn_print(uint64_t ixn, char text[IXN_TEXT])
{
    snprintf(text, IXN_TEXT, "%x-%012llx", (unsigned)(ixn >> 48), (unsigned long long)(ixn & 0xffffffffffff));
}

bool ixn_parse(const char *text, uint64_t *ixn)
{
    uint64_t partition = 0, counter = 0;
    size_t digits = strspn(text, "0123456789abcdef"), more;
    if (digits == 0 || digits > 4 || text[digits] != '-') return false;
    partition = strtoull(text, NULL, 16);
    more = strspn(text + digits + 1, "0123456789abcdef");
    if (more == 0 || more > 12 || text[digits + 1 + more] != '\0') return false;
    counter = strtoull(text + digits + 1, NULL, 16);
    *ixn = partition << 48 | counter;
    return true;
}

/* Returns the bytes of the line, its end included. */
static size_t line_make(char line[LOG_LINE_MAX], enum log_level level, const char *component, uint64_t ixn,
                        uint64_t conn, const char *format, va_list arguments)
{
    struct timespec now;
    struct tm utc;
    size_t at;
    int more;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    at = strftime(line, LOG_LINE_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    at += (size_t)snprintf(line + at, LOG_LINE_MAX - at, ".%03ldZ %s %.64s", now.tv_nsec / 1000000, level_names[level],
                           component);
    if (ixn != 0) {
        char text[IXN_TEXT];
        ixn_print(ixn, text);
        at += (size_t)snprintf(line + at, LOG_LINE_MAX - at, " ixn=%s", text);
    }
    if (conn != 0) at += (size_t)snprintf(line + at, LOG_LINE_MAX - at, " conn=%016llx", (unsigned long long)conn);
    line[at++] = ' ';
    more = vsnprintf(line + at, LOG_LINE_MAX - at - 1, format, arguments);
    assert(more >= 0);
    for (size_t end = at + (size_t)more; at < end && at < LOG_LINE_MAX - 2; at++)
        if ((unsigned char)line[at] < ' ' || line[at] == 0x7f) line[at] = '?';
    line[at++] = '\n';
    return at;
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return; /* nobody reads the log: nothing to say it to */
        bytes += n;
        length -= (size_t)n;
    }
}

void log_line(const struct log *log, enum log_level level, const char *component, uint64_t ixn, uint64_t conn,
              const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list arguments;
    size_t length;
    if (!log_wants(log, level)) return;
    va_start(arguments, format);
    length = line_make(line, level, component, ixn, conn, format, arguments);
    va_end(arguments);
    write_all(log->fd, line, length);
}

void log_add(const struct log *log, struct log_lines *lines, enum log_level level, const char *component, uint64_t ixn,
             uint64_t conn, const char *format, ...)
{
    va_list arguments;
    if (!log_wants(log, level)) return;
    if (sizeof lines->bytes - lines->length < LOG_LINE_MAX) log_flush(log, lines);
    va_start(arguments, format);
    lines->length += line_make(lines->bytes + lines->length, level, component, ixn, conn, format, arguments);
    va_end(arguments);
}

/* Of so many bytes of whole lines, those that a pipe takes in one piece. */
static size_t piece(const char *bytes, size_t length)
{
    const char *end = length > PIPE_BUF ? memrchr(bytes, '\n', PIPE_BUF) : NULL;
    return end != NULL ? (size_t)(end + 1 - bytes) : length;
}

void log_flush(const struct log *log, struct log_lines *lines)
{
    size_t length;
    for (size_t at = 0; at < lines->length; at += length) {
        length = piece(lines->bytes + at, lines->length - at);
        write_all(log->fd, lines->bytes + at, length);
    }
    lines->length = 0;
}

static_assert((int)LOG_LINE_MAX <= PIPE_BUF, "a line is one write");
