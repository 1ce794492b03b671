/* runtime/adapters/desk/recordings.c - Sends recordings of calls. See recordings.h.
 *
 * A WAVE file does not say when it was begun: that is when it was changed last, less its length. */
#include "runtime/adapters/desk/recordings.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/web/reply.h"

enum {
    WAVE_HEAD = 44,
    WAVE_RATE = 28,
    WAVE_DATA = 40,
    RECORDINGS_MAX = 20,
    HTTP_PIECE = 206,
    HTTP_NO_SUCH_RANGE = 416
};

/* Opens a recording of the call; -1: there is none. A link is not followed. */
static int recording_open(const struct desk *desk, const char *conn, unsigned number, struct stat *info)
{
    char name[80], digits[12] = "";
    uint64_t call;
    if (!ident_read_conn(conn, &call)) return -1;
    int folder = open(desk->setting.recordings, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number > 1) snprintf(digits, sizeof digits, "-%u", number);
    snprintf(name, sizeof name, "%016llx%s.wav", (unsigned long long)call, digits);
    int file = folder >= 0 ? openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (folder >= 0) close(folder);
    if (file >= 0 && (fstat(file, info) != 0 || !S_ISREG(info->st_mode) || info->st_size < WAVE_HEAD)) {
        close(file);
        return -1;
    }
    return file;
}

static uint32_t recording_number(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* How long the recording lasts in milliseconds, by the bytes of a second that its head names; 0: it names none. Behind
 * the sound there may be marks. The head of a recording that goes on names no bytes of sound: then all are. */
static int64_t recording_ms(int file, const struct stat *info)
{
    unsigned char head[WAVE_HEAD];
    if (pread(file, head, sizeof head, 0) != (ssize_t)sizeof head || memcmp(head, "RIFF", 4) != 0) return 0;
    uint32_t rate = recording_number(head + WAVE_RATE), data = recording_number(head + WAVE_DATA);
    int64_t sound = data != 0 && data < info->st_size - WAVE_HEAD ? data : info->st_size - WAVE_HEAD;
    return rate > 0 ? sound * 1000 / rate : 0;
}

void recordings_list(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    json_t *all = json_array();
    for (unsigned number = 1; *desk->setting.recordings && number <= RECORDINGS_MAX; number++) {
        struct stat info;
        int file = recording_open(desk, desk_text(params, "conn"), number, &info);
        if (file < 0) break;
        int64_t ms = recording_ms(file, &info), end_ms = info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
        json_array_append_new(all, json_pack("{s:i, s:I, s:I}", "number", (int)number, "begins",
                                             (json_int_t)(end_ms - ms), "ms", (json_int_t)ms));
        close(file);
    }
    api_answer(http, HTTP_OK, json_pack("{s:o}", "recordings", all));
}

struct recording_piece {
    int64_t from, length;
    int code; /* 200: the whole, 206: a piece, 416: it begins behind the end */
};

/* Reads "bytes=FROM-" and "bytes=FROM-TO", with which a browser leads to a moment; what is written otherwise asks for
 * the whole. */
static struct recording_piece recording_piece(const char *range, int64_t size)
{
    struct recording_piece whole = {0, size, HTTP_OK};
    char *end;
    if (!range || strncmp(range, "bytes=", 6) != 0 || range[6] < '0' || range[6] > '9') return whole;
    int64_t from = g_ascii_strtoll(range + 6, &end, 10), to = size - 1;
    if (*end++ != '-') return whole;
    if (*end != '\0') {
        if (*end < '0' || *end > '9') return whole;
        int64_t last = g_ascii_strtoll(end, &end, 10);
        to = MIN(last, size - 1);
        if (*end != '\0') return whole;
    }
    if (from >= size) return (struct recording_piece){0, 0, HTTP_NO_SUCH_RANGE};
    return to < from ? whole : (struct recording_piece){from, to - from + 1, HTTP_PIECE};
}

void recordings_send(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    struct stat info;
    unsigned number = (unsigned)json_integer_value(json_object_get(params, "number"));
    int file = *desk->setting.recordings ? recording_open(desk, desk_text(params, "conn"), number, &info) : -1;
    if (file < 0) {
        api_error(http, HTTP_NOTFOUND, "unknown", "There is no such recording.");
        return;
    }
    struct recording_piece piece =
        recording_piece(evhttp_find_header(evhttp_request_get_input_headers(http), "Range"), info.st_size);
    char place[80];
    reply_header(http, "Accept-Ranges", "bytes");
    if (piece.code == HTTP_NO_SUCH_RANGE) {
        close(file);
        snprintf(place, sizeof place, "bytes */%lld", (long long)info.st_size);
        reply_header(http, "Content-Range", place);
        api_error(http, HTTP_NO_SUCH_RANGE, "invalid", "The recording ends before.");
        return;
    }
    if (piece.code == HTTP_PIECE) {
        snprintf(place, sizeof place, "bytes %lld-%lld/%lld", (long long)piece.from,
                 (long long)(piece.from + piece.length - 1), (long long)info.st_size);
        reply_header(http, "Content-Range", place);
    }
    /* The buffer closes the file. */
    if (evbuffer_add_file(evhttp_request_get_output_buffer(http), file, piece.from, piece.length) != 0) close(file);
    api_bytes(http, piece.code, "audio/wav", false, "", 0);
}
