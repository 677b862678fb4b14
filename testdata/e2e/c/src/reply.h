#include <stddef.h>

/* Writes a whole HTTP reply for the request line into `out`; returns its length, or 0 when it does not fit. */
size_t reply(const char *request, const char *greeting, char *out, size_t room);
