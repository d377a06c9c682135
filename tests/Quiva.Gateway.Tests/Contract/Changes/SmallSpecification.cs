namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>A specification that has one of everything.</summary>
internal static class SmallSpecification
{
    public const string Text = """
        openapi: 3.0.3
        info: {title: Zoo, version: 1.0.0}
        servers:
          - url: /
          - url: https://{a}.example
            variables: {a: {default: '1'}}
        security:
          - key: []
          - login: [read]
        paths:
          /animals/{animal}:
            put:
              operationId: putAnimal
              x-roles:
                - keeper
              x-max-body-bytes: 100
              parameters:
                - name: animal
                  in: path
                  required: true
                  schema: {type: string}
                - name: dry
                  in: query
                  schema: {type: boolean}
                - name: tags
                  in: query
                  schema: {type: array, items: {type: string}}
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Animal'
                  text/csv:
                    schema: {type: string}
              responses:
                '200':
                  description: Done
                  headers:
                    ETag:
                      required: true
                      schema: {type: string}
                    Link:
                      schema: {type: string}
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Seen'
                    text/plain:
                      schema: {type: string}
                '404': {description: None}
            delete:
              operationId: deleteAnimal
              deprecated: true
              security: []
              responses:
                '204': {description: Gone}
          /visits:
            post:
              operationId: postVisit
              responses:
                '201': {description: Made}
        components:
          schemas:
            Animal:
              type: object
              required:
                - name
                - born
              properties:
                name: {type: string}
                nick: {type: string}
                chip:
                  type: object
                  additionalProperties: false
                  properties:
                    code: {type: string}
                    maker: {type: string}
                born:
                  type: string
                died:
                  type: string
            Seen:
              type: object
              required:
                - id
                - at
              properties:
                id: {type: string}
                note: {type: string}
                at:
                  type: string
                by:
                  type: string
          securitySchemes:
            key:
              type: apiKey
              in: header
              name: X-Key
            login:
              type: oauth2
              flows:
                clientCredentials:
                  tokenUrl: https://zoo.example/token
                  scopes:
                    read: Read
                    write: Write

        """;
}
