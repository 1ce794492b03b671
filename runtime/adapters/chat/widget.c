/* runtime/adapters/chat/widget.c - Serves widget.js, the chat's script for web pages. */
extern const char chat_widget[];
const char chat_widget[] =
#include "runtime/adapters/chat/widget.inc"
    ;
