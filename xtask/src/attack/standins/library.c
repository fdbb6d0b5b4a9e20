/* A stand-in for a test's source: a library that greets whoever loads it. */
#include <stdio.h>

__attribute__((constructor)) static void greet(void)
{
	fputs("loaded\n", stderr);
}
