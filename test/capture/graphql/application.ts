import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Get } from '@nestjs/common';
import {
  GraphQLModule,
  Parent,
  Query,
  ResolveField,
  Resolver,
  ObjectType,
  Field,
} from '@nestjs/graphql';
import { SkipTracking, TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';
import type { Scenario } from '../support/scenario.js';

@ObjectType()
class Toy {
  @Field() name!: string;
}

@ObjectType()
class Cat {
  @Field() name!: string;
  @Field(() => [Toy]) toys!: Toy[];
}

@TrackUsage()
@Resolver(() => Cat)
class CatsResolver {
  @Query(() => [Cat]) cats(@TrackVar() vars: TrackVars): Partial<Cat>[] {
    vars.seen = true;
    return ['Tom', 'Kitty', 'Felix'].map((name) => ({ name }));
  }
  @Query(() => String) broken(): string {
    throw new Error('broken resolver');
  }
  @ResolveField(() => [Toy]) toys(@Parent() cat: Cat): Toy[] {
    return [{ name: `${cat.name}'s ball` }, { name: `${cat.name}'s mouse` }];
  }
}

@TrackUsage()
@Controller('rest')
class Rest {
  @Get() index() {
    return 'rest goes on';
  }
  @SkipTracking() @Get('skipped') skipped() {
    return 'untracked';
  }
}

/** What answers the cases of `cases/graphql.ts`. */
export const application: Partial<Scenario> = {
  controllers: [Rest],
  providers: [CatsResolver],
  imports: (capture) => [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      // Guards and interceptors run for each resolved field too.
      fieldResolverEnhancers: ['guards', 'interceptors', 'filters'],
    }),
    ...(capture ? [capture] : []),
  ],
};
