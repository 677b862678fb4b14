# check=skip=JSONArgsRecommended,StageNameCasing;experimental=all
# a comment that describes nothing
ARG name=x
FROM scratch AS Upper
CMD a
# check=skip=WorkdirRelativePath
WORKDIR a
WORKDIR b
ENV A b
