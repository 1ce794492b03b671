/* runtime/adapters/chat/widget.c - Has widget.js, the chat's script for web pages, and its texts in other languages. */
#include "runtime/adapters/chat/chat.h"

const char chat_widget[] =
#include "runtime/adapters/chat/widget.inc"
    ;
const struct language_file chat_languages[] = {
#include "runtime/adapters/chat/languages.inc"
};
