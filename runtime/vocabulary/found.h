/* runtime/vocabulary/found.h - What one question to `gcxrecords find` may hold: the records refuse more, and who asks
 * on behalf of a page asks for no more. */
#pragma once

enum {
    FOUND_NAMES_MAX = 70,  /* addresses and numbers of people, of each --of */
    FOUND_AMONG_MAX = 200, /* interactions, of --among */
    FOUND_DAYS = 30,       /* days that are searched, where none are asked for */
};
