"""Our verdicts beside those of sslyze, testssl.sh, nmap and wapiti, on one lab (`make compare`)."""
