/* runtime/vocabulary/media.c - How people at desks answer a medium.
 *
 * The column `answered` of media.def says for each medium how people answer it: not at all, by reading, by work, by
 * mail, or in a conversation. The lists of media below are made from that column, so a new medium needs no change
 * here. */
#include "runtime/vocabulary/media.h"

#include <stddef.h>
#include <string.h>

enum answered {
    ANSWERED_no,
    ANSWERED_released = ANSWERED_no,
    ANSWERED_read,
    ANSWERED_work,
    ANSWERED_mail,
    ANSWERED_conversation
};

static const struct {
    enum media medium;
    enum answered how;
} answers[] = {
#define MEDIA(word, medium, lifetime, answered, doc) {media_##medium, ANSWERED_##answered},
#include "runtime/vocabulary/media.def"
};

/* A medium may have several words in the language: the first one that is answered counts. */
static enum answered answered_how(enum media medium)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].medium == medium && answers[i].how != ANSWERED_no) return answers[i].how;
    return ANSWERED_no;
}

bool media_is_conversation(enum media medium)
{
    return answered_how(medium) == ANSWERED_conversation;
}

bool media_is_mail(enum media medium)
{
    return answered_how(medium) == ANSWERED_mail;
}

bool media_is_answered(enum media medium)
{
    return answered_how(medium) != ANSWERED_no;
}

/* clang-format off */
#define DESKS_HAVE_no(word)
#define DESKS_HAVE_released(word)
#define DESKS_HAVE_read(word) word,
#define DESKS_HAVE_work(word) word,
#define DESKS_HAVE_mail(word) word,
#define DESKS_HAVE_conversation(word) word,
/* clang-format on */
const char *const media_of_desks[] = {
#define MEDIA(word, medium, lifetime, answered, doc) DESKS_HAVE_##answered(word)
#include "runtime/vocabulary/media.def"
    NULL};

/* clang-format off */
#define SUBMITTED_no(word)
#define SUBMITTED_released(word)
#define SUBMITTED_read(word)
#define SUBMITTED_work(word) word,
#define SUBMITTED_mail(word)
#define SUBMITTED_conversation(word)
/* clang-format on */
const char *const media_of_work[] = {
#define MEDIA(word, medium, lifetime, answered, doc) SUBMITTED_##answered(word)
#include "runtime/vocabulary/media.def"
    NULL};

/* Addresses in other media come from a network, mail server or telephone; a chat's customer types an address into a
 * page. */
bool media_types_address(enum media medium)
{
    return medium == media_chat;
}

bool media_named_types_address(struct span name)
{
    int medium = enum_value_media((const char *)name.bytes, name.length);
    return medium >= 0 && media_types_address((enum media)medium);
}

bool media_at_desks(enum media medium)
{
    return media_are(media_of_desks, medium);
}

bool media_are(const char *const *names, enum media medium)
{
    for (; *names; names++)
        if (strcmp(*names, enum_name_media(medium)) == 0) return true;
    return false;
}

static const uint8_t own_numbers[] = {
#define OWN_MEDIUM(n, number) [number] = n,
#include "runtime/vocabulary/own_media.def"
};

unsigned media_own_number(uint64_t medium)
{
    return medium < sizeof own_numbers ? own_numbers[medium] : 0;
}

enum media media_own_numbered(uint64_t number)
{
    static const uint8_t media[] = {
#define OWN_MEDIUM(n, number) [n] = number,
#include "runtime/vocabulary/own_media.def"
    };
    return number < sizeof media ? (enum media)media[number] : media_none;
}
