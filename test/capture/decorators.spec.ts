import { applyDecorators, Controller, Get, type Type } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { type CaptureOptions, SkipTracking, TrackUsage } from 'nestjs-track-usage';
import { TrackingRules } from '../../lib/capture/tracking-rules.js';
import { requestText } from './support/http-text.js';
import { ADAPTERS } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

const plansOf = (options: CaptureOptions = {}) => {
  const plans = new TrackingRules(options);
  return (type: Type, method: string) =>
    plans.ruleFor(type, (type.prototype as Record<string, () => void>)[method]!);
};

class Plain {
  one() {}
}

@TrackUsage()
class Tracked {
  one() {}
  @SkipTracking() skipped() {}
}

@SkipTracking()
class Skipped {
  one() {}
  @TrackUsage({ blueprint: 'kept', storages: ['sql'] }) kept() {}
}

@TrackUsage({ blueprint: 'base', storages: ['one', 'two'] })
class Base {
  one() {}
  @SkipTracking() skipped() {}
  @TrackUsage({ storages: ['three'] }) narrow() {}
}

class Derived extends Base {
  own() {}
  override skipped() {}
}

@TrackUsage()
class Renamed extends Base {
  override narrow() {}
}

@SkipTracking()
class Silenced extends Base {
  @TrackUsage() override skipped() {}
}

describe('A plan', () => {
  it.each([
    ['exclude', Plain, 'one', false],
    ['include', Plain, 'one', true],
    ['exclude', Tracked, 'one', true],
    ['include', Tracked, 'one', true],
    ['exclude', Tracked, 'skipped', false],
    ['include', Tracked, 'skipped', false],
    ['exclude', Skipped, 'one', false],
    ['include', Skipped, 'one', false],
    ['exclude', Skipped, 'kept', true],
    ['include', Skipped, 'kept', true],
    ['exclude', Derived, 'one', true],
    ['exclude', Derived, 'own', true],
    ['exclude', Derived, 'skipped', false],
    ['include', Derived, 'skipped', false],
    ['exclude', Silenced, 'one', false],
    ['include', Silenced, 'one', false],
    ['exclude', Silenced, 'skipped', true],
    ['exclude', Silenced, 'narrow', true],
  ] as const)('in the %s mode says of %o.%s: %s', (mode, type, method, tracked) => {
    expect(plansOf({ mode })(type, method).tracked).toBe(tracked);
  });

  it('takes from the nearest decorator what another leaves out', () => {
    const plan = plansOf();
    expect(plan(Tracked, 'one')).toMatchObject({
      blueprint: 'Tracked',
      handler: 'one',
      storages: null,
    });
    expect(plan(Skipped, 'kept')).toMatchObject({ blueprint: 'kept', storages: ['sql'] });
    expect(plan(Base, 'one')).toMatchObject({ blueprint: 'base', storages: ['one', 'two'] });
    expect(plan(Base, 'narrow')).toMatchObject({ blueprint: 'base', storages: ['three'] });
    expect(plan(Derived, 'own')).toMatchObject({ blueprint: 'base', storages: ['one', 'two'] });
    expect(plan(Renamed, 'one')).toMatchObject({ blueprint: 'Renamed', storages: null });
    expect(plan(Renamed, 'narrow')).toMatchObject({ blueprint: 'Renamed', storages: ['three'] });
  });

  it('treats classes that options name as if they bore the decorator', () => {
    class Foreign {
      one() {}
    }
    class Sub extends Foreign {}
    const include = plansOf({ mode: 'exclude', include: [Foreign, Skipped] });
    expect(include(Foreign, 'one').tracked).toBe(true);
    expect(include(Sub, 'one').tracked).toBe(true);
    expect(include(Skipped, 'one').tracked).toBe(false);
    const exclude = plansOf({ mode: 'include', exclude: [Foreign, Tracked, Derived] });
    expect(exclude(Foreign, 'one').tracked).toBe(false);
    expect(exclude(Sub, 'one').tracked).toBe(false);
    expect(exclude(Tracked, 'one').tracked).toBe(true);
    expect(exclude(Derived, 'own').tracked).toBe(false);
    expect(exclude(Base, 'one').tracked).toBe(true);
  });

  it('is worked out once', () => {
    const plan = plansOf();
    expect(plan(Tracked, 'one')).toBe(plan(Tracked, 'one'));
    expect(plan(Derived, 'one')).not.toBe(plan(Base, 'one'));
  });

  it('knows the name of a method that another decorator has replaced', () => {
    const replaced: MethodDecorator = (_target, _name, descriptor: any) => {
      const original = descriptor.value;
      descriptor.value = (...args: unknown[]) => original(...args) as unknown;
    };
    class Wrapped {
      @TrackUsage() @replaced one() {}
    }
    expect(plansOf()(Wrapped, 'one')).toMatchObject({ handler: 'one', tracked: true });
  });
});

describe('A decorator', () => {
  it('works as part of another', () => {
    const Audited = () => applyDecorators(TrackUsage({ blueprint: 'audit' }), Get('audited'));
    class Composed {
      @Audited() one() {}
    }
    expect(plansOf()(Composed, 'one')).toMatchObject({ tracked: true, blueprint: 'audit' });
  });

  it('refuses its opposite on the same class or method', () => {
    expect(() => {
      @TrackUsage()
      @SkipTracking()
      class Both {}
      void Both;
    }).toThrow('@TrackUsage() and @SkipTracking() both stand on Both. Keep one of them.');
    expect(() => {
      class Both {
        @SkipTracking() @TrackUsage() one() {}
      }
      void Both;
    }).toThrow('both stand on Both.one()');
  });

  it.each([
    { blueprint: '' },
    { blueprint: 7 },
    { storages: [] },
    { storages: 'sql' },
    { storages: [''] },
  ])('refuses %o and says what to do', (options) => {
    expect(() => {
      @TrackUsage(options as never)
      class Wrong {}
      void Wrong;
    }).toThrow(/^@TrackUsage\(\{ (blueprint|storages) \}\) on Wrong was given .*leave it out/);
  });
});

@Controller('foreign')
class ForeignController {
  @Get() index() {
    return 'of another package';
  }
}

@TrackUsage({ blueprint: 'shop', storages: ['audit'] })
@Controller('named')
class NamedController {
  @Get() index() {
    return 'named';
  }
}

describe.each(ADAPTERS)('In an application on %s', (kind) => {
  it('options stand for decorators, and decorators name blueprint and storages', async () => {
    const application = await TestApplication.start(
      { controllers: [ForeignController, NamedController] },
      kind,
      { mode: 'exclude', include: [ForeignController] },
    );
    await application.client().exchange(requestText('GET /foreign'));
    await application.client().exchange(requestText('GET /named'));
    expect(await application.taken()).toMatchObject([
      { blueprint: 'ForeignController', route: '/foreign', storages: null },
      { blueprint: 'shop', route: '/named', storages: ['audit'] },
    ]);
    await application.close();
  });
});
