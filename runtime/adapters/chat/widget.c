/* runtime/adapters/chat/widget.c - widget.js as it is served. */
extern const char chat_widget[];
const char chat_widget[] =
#include "runtime/adapters/chat/widget.inc"
    ;
