FROM broken-onbuild:1
