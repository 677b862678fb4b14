FROM node:20
RUN npm install express@4.18.2 @scope/a@1 ./local
