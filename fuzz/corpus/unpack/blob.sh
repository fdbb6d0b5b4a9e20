#!/bin/sh
echo aGVsbG8gZnV6eiBoZWxsbyBmdXp6IGhlbGxvIGZ1enogaGVsbG8gZnV6eg== | base64 -d | sh
