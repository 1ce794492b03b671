/* runtime/adapters/sip/libre.h - libre's words. Two of its JSON, which nobody here uses, are words of jansson's, too.
 */
#ifndef SIP_LIBRE_H
#define SIP_LIBRE_H

#define JSON_STRING RE_JSON_STRING
#define JSON_NULL   RE_JSON_NULL
#include <re.h>
#undef JSON_STRING
#undef JSON_NULL

#endif
