/* tests/unit/daemon_log.c - Lines of the log stay lines, nobody waits for its reader, and ids are read as they are
 * written. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/base/log.h"

static char text[4 << 20];

/* All that comes until the log is freed. */
static size_t rest_of(int fd)
{
    size_t length = 0;
    struct pollfd wait = {fd, POLLIN, 0};
    while (length < sizeof text - 1 && poll(&wait, 1, 0) == 1) {
        ssize_t n = read(fd, text + length, sizeof text - 1 - length);
        if (n <= 0) break;
        length += (size_t)n;
    }
    text[length] = '\0';
    return length;
}

static size_t count(const char *what)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) found++;
    return found;
}

static struct log *log_to(int fd, enum log_format format, unsigned rate)
{
    return log_new(&(struct log_options){.fd = fd, .level = LOG_LEVEL_INFO, .format = format, .rate = rate});
}

Test(daemon_log, a_line_has_time_level_room_and_ids, .timeout = 10)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_TEXT, 0);
    log_line(log, LOG_LEVEL_DEBUG, "core", 0, 0, "left out");
    log_line(log, LOG_LEVEL_INFO, "tserver", (uint64_t)1 << 48 | 42, 0x10000000000001, "EventRinging dn=%d\nforged",
             7001);
    log_free(log);
    rest_of(ends[0]);
    cr_expect_str_eq(text + strlen("2026-03-02T10:00:00.123"),
                     "Z info tserver ixn=1-00000000002a conn=0010000000000001 EventRinging dn=7001\\u{a}forged\n");
}

Test(daemon_log, as_json_it_says_the_same, .timeout = 10)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_JSON, 0);
    log_line(log, LOG_LEVEL_WARNING, "tserver", (uint64_t)1 << 48 | 42, 0x10000000000001,
             "says \"\\\n\xff\" caf\xc3\xa9");
    log_free(log);
    rest_of(ends[0]);
    json_error_t why;
    json_t *line = json_loads(text, 0, &why);
    cr_assert_not_null(line, "%s: %s", why.text, text);
    cr_expect_str_eq(json_string_value(json_object_get(line, "level")), "warning");
    cr_expect_str_eq(json_string_value(json_object_get(line, "room")), "tserver");
    cr_expect_str_eq(json_string_value(json_object_get(line, "ixn")), "1-00000000002a");
    cr_expect_str_eq(json_string_value(json_object_get(line, "conn")), "0010000000000001");
    cr_expect_str_eq(json_string_value(json_object_get(line, "text")), "says \"\\\n?\" caf\xc3\xa9");
    json_decref(line);
}

Test(daemon_log, what_a_terminal_would_obey_is_shown_by_its_number_in_both_forms, .timeout = 10)
{
    const char said[] = "name=\xe2\x80\xae\xc2\x85\x1b[2J\xf3\xa0\x81\x81";
    for (int json = 0; json < 2; json++) {
        int ends[2];
        cr_assert_eq(pipe(ends), 0);
        struct log *log = log_to(ends[1], json ? LOG_JSON : LOG_TEXT, 0);
        log_line(log, LOG_LEVEL_WARNING, "tserver", 0, 0, "%s", said);
        log_free(log);
        rest_of(ends[0]);
        cr_expect_not_null(strstr(text, json ? "name=\\u202e\\u0085\\u001b[2J\\udb40\\udc41"
                                             : "name=\\u{202e}\\u{85}\\u{1b}[2J\\u{e0041}\n"),
                           "%s", text);
        if (!json) continue;
        json_t *line = json_loads(text, 0, NULL);
        cr_expect_str_eq(json_string_value(json_object_get(line, "text")), said);
        json_decref(line);
    }
}

Test(daemon_log, long_lines_are_cut_and_stay_one_write, .timeout = 10)
{
    static const enum log_format formats[] = {LOG_TEXT, LOG_JSON};
    static char bytes[8192];
    memset(bytes, '"', sizeof bytes - 1);
    for (unsigned i = 0; i < 2; i++) {
        int ends[2];
        cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
        struct log *log = log_to(ends[1], formats[i], 0);
        log_line(log, LOG_LEVEL_ERROR, "core", 0, 0, "%s", bytes);
        log_free(log);
        ssize_t n = recv(ends[0], text, sizeof text, MSG_DONTWAIT);
        cr_expect_gt(n, 1000);
        cr_expect_leq(n, 4096);
        cr_expect_eq(text[n - 1], '\n');
    }
}

Test(daemon_log, what_is_written_at_once_is_whole_lines_that_a_pipe_keeps_together, .timeout = 10)
{
    int ends[2];
    unsigned seen = 0;
    ssize_t n;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    struct log *log = log_to(ends[0], LOG_TEXT, 0);
    for (unsigned i = 0; i < 300; i++) log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "%0*u", (int)(i % 90) + 1, i);
    log_free(log);
    while ((n = recv(ends[1], text, sizeof text, 0)) > 0) {
        cr_expect_leq(n, 4096);
        cr_expect_eq(text[n - 1], '\n');
        for (ssize_t i = 0; i < n; i++) seen += text[i] == '\n';
    }
    cr_expect_eq(seen, 300);
}

Test(daemon_log, a_room_may_have_a_level_of_its_own, .timeout = 10)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_TEXT, 0);
    cr_expect(log_set(log, "tserver", LOG_LEVEL_DEBUG));
    cr_expect(log_set(log, "core", LOG_LEVEL_ERROR));
    cr_expect(log_wants(log, LOG_LEVEL_DEBUG, "tserver"));
    cr_expect(log_wants(log, LOG_LEVEL_DEBUG, NULL), "somebody does");
    cr_expect_not(log_wants(log, LOG_LEVEL_DEBUG, "host"));
    log_line(log, LOG_LEVEL_DEBUG, "tserver", 0, 0, "one");
    log_line(log, LOG_LEVEL_WARNING, "core", 0, 0, "two");
    log_line(log, LOG_LEVEL_INFO, "host", 0, 0, "three");
    log_set(log, NULL, LOG_LEVEL_ERROR);
    log_line(log, LOG_LEVEL_INFO, "host", 0, 0, "four");
    log_free(log);
    rest_of(ends[0]);
    cr_expect(count("one") == 1 && count("two") == 0 && count("three") == 1 && count("four") == 0, "%s", text);
}

Test(daemon_log, what_is_said_too_often_is_counted, .timeout = 10)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_TEXT, 10);
    for (unsigned i = 0; i < 500; i++) log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "EventRinging n=%u", i);
    log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "EventReleased");
    log_free(log);
    rest_of(ends[0]);
    /* A second may begin in between. */
    cr_expect(count("EventRinging n=") >= 10 && count("EventRinging n=") <= 20, "%s", text);
    cr_expect_eq(count("EventReleased"), 1);
    cr_expect_geq(count("EventRinging: 4"), 1, "%s", text);
    cr_expect_geq(count("more suppressed"), 1);
}

Test(daemon_log, a_stream_of_journald_has_priorities_and_no_time, .timeout = 10)
{
    int ends[2];
    char stream[64];
    struct stat info;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cr_assert_eq(fstat(ends[1], &info), 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)info.st_dev, (unsigned long long)info.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    struct log *log = log_to(ends[1], LOG_TEXT, 0);
    log_line(log, LOG_LEVEL_ERROR, "core", 0, 0, "bad");
    log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "good");
    log_free(log);
    rest_of(ends[0]);
    cr_expect_str_eq(text, "<3>error core bad\n<6>info core good\n");
}

/* Without a reader writers go on, and the next reader is told how many lines were lost. */
Test(daemon_log, nobody_waits_for_a_reader, .timeout = 20)
{
    int ends[2];
    struct timespec began, ended;
    uint64_t lost;
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_TEXT, 0);
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (unsigned i = 0; i < 50000; i++) log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "line %0100u", i);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    cr_expect_lt(ended.tv_sec - began.tv_sec, 8);
    lost = log_dropped(log);
    cr_expect_gt(lost, 10000);
    cr_expect_lt(lost, 50000);
    size_t lines = 0, told = 0;
    for (unsigned tries = 0; tries < 1000 && told == 0; tries++) {
        struct pollfd wait = {ends[0], POLLIN, 0};
        if (poll(&wait, 1, 10) != 1) continue;
        rest_of(ends[0]);
        lines += count("core line");
        told += count("lines of the log were lost: nobody read them");
    }
    cr_expect_eq(told, 1);
    log_free(log);
    rest_of(ends[0]);
    lines += count("core line");
    cr_expect_eq(lines + lost, 50000);
}

Test(daemon_log, at_the_end_nobody_who_does_not_read_is_waited_for, .timeout = 10)
{
    int ends[2];
    struct timespec began, ended;
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_to(ends[1], LOG_TEXT, 0);
    for (unsigned i = 0; i < 20000; i++) log_line(log, LOG_LEVEL_INFO, "core", 0, 0, "line %0100u", i);
    clock_gettime(CLOCK_MONOTONIC, &began);
    log_free(log);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    cr_expect_lt(ended.tv_sec - began.tv_sec, 4);
}
