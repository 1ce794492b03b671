/* runtime/adapters/desk/who.h - Whom an item is from. */
#pragma once

struct item;
struct desk_said;

void who_ask(struct item *);            /* asks the store, and tells the page when it knows */
void who_said_code(struct desk_said *); /* the message `code`: a code goes to the address that the customer has typed,
                                           or to its contact */
