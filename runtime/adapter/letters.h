/* runtime/adapter/letters.h - The kinds of messages of each adapter: the rows of letters.def as constants. */
#pragma once

/* LETTER_GOES_webhook_file: 1 if our side can send a file by the webhook. */
enum {
    LETTER_NONE,
    LETTER_REFUSED = 0,
    LETTER_SENT,
#define LETTER(adapter, name, kept, seen, answer, goes, doc) LETTER_GOES_##adapter##_##name = LETTER_##goes,
#include "runtime/adapter/letters.def"
};
